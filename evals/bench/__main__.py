"""``python -m evals.bench retrieval|readers|kill``.

Exit codes: 0 done, 1 the check did not hold, 2 usage, 4 something needed cannot be reached or built.
"""

import sys

from evals.bench.commands import app
from ragbot.core.errors import RagbotError

if __name__ == "__main__":
    try:
        app()
    except RagbotError as error:
        sys.stderr.write(f"Error: {error}\n")
        sys.exit(error.exit_code)
