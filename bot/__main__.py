"""`python -m bot` does what `caption-bot` does."""

from handlers.cli import main

if __name__ == "__main__":
    main()
