"""``python -m mobilevos``: the command line without the installed script."""

from mobilevos.cli import main

if __name__ == "__main__":
    main()
