"""A sheet as PDF, made from the very HTML that the browser prints.

WeasyPrint runs in a process of its own: it takes 70 MB, which this box has for a second but not for ever, and a process
can be killed. It reads the page, our one style sheet, and nothing else.
"""

import subprocess
import sys
from pathlib import Path
from threading import Lock

SHEET = Path(__file__).parent / "static" / "print.css"
SECONDS = 60  # the smallest Pi takes ten
_one_at_a_time = Lock()


class NoPdf(Exception):
    """There is no PDF: the machine lacks Debian's pango, or took too long. The sheet itself can be printed."""


def from_html(html: str) -> bytes:
    """*html* as PDF. Raises NoPdf."""
    command = [sys.executable, "-m", "appliance.web.pdf"]
    with _one_at_a_time:
        try:
            done = subprocess.run(command, input=html.encode(), capture_output=True, timeout=SECONDS, check=True)
        except (subprocess.SubprocessError, OSError) as error:
            raise NoPdf from error
    return done.stdout


def _main() -> None:
    from weasyprint import CSS, HTML  # noqa: PLC0415  a bare machine has no pango, and it takes a second to import
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    own = URLFetcher(allowed_protocols={"data"})  # the QR code, which is in the page
    page = HTML(string=sys.stdin.buffer.read().decode(), url_fetcher=own)
    sys.stdout.buffer.write(page.write_pdf(stylesheets=[CSS(filename=SHEET)]))


if __name__ == "__main__":
    _main()
