"""`python -m veille` is the `veille` command."""

from veille.cli.main import run

if __name__ == "__main__":
    run()
