"""`python -m galen`: the command line."""

from galen.commands import main

if __name__ == "__main__":
    main()
