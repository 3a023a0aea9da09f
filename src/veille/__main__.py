"""`python -m veille` is the `veille` command."""

import sys


def main() -> None:
    """Run the command line; where not even that can be loaded, say so in one line."""
    try:
        from veille.cli.main import run
    except (MemoryError, ImportError) as error:
        why = str(error) or "there is not enough memory"
        sys.stderr.write(f"veille: it cannot be loaded: {why}: close other programs, or install veille again\n")
        sys.exit(1)
    run()


if __name__ == "__main__":
    main()
