#!/bin/bash
#SBATCH --job-name=mobilevos
#SBATCH --array=0-99
#SBATCH --cpus-per-task=16
#SBATCH --mem-per-cpu=512M
#SBATCH --time=12:00:00
#SBATCH --requeue
#SBATCH --signal=B:TERM@90
# sbatch examples/batch/slurm.sh jobs.jsonl results/
# Activate the environment that has mobilevos first, which the tasks inherit; sites may want --account and --partition.
# B: signals this shell alone, so the command takes its place: it has 90 seconds to end in order.
exec mobilevos batch "$1" -o "$2" --grace 60 "${@:3}"
