#!/bin/bash
# On the head node, or from where RAY_ADDRESS=http://HEAD:8265 leads to it:
#   bash examples/batch/ray.sh /shared/jobs.jsonl /shared/results
# List and results must be where all nodes see them; every node has mobilevos[ray], the head and this machine
# ray[default], too, which takes jobs.
exec ray job submit --entrypoint-num-cpus 0 -- mobilevos batch "$1" -o "$2" --engine ray "${@:3}"
