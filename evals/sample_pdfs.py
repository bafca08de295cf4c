"""Writes the PDF documents of the sample knowledge base: ``python -m evals.sample_pdfs [FOLDER]``.

The same reportlab writes the same bytes each time.  They are committed under ``config/sample/docs``; whoever changes a
text here runs this and commits the result.
"""

import io
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DOCUMENTS = Path(__file__).parents[1] / "config" / "sample" / "docs"

Part = str | tuple[str, ...] | list[tuple[str, ...]]
"""A paragraph, a numbered list (tuple), a table (list of rows, the first its head), or ``"# "`` and a heading."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One PDF: its title and what stands on it, in order."""

    title: str
    parts: Sequence[Part]


CATALOG = Sheet(
    "Products and spare parts: price list 2025",
    [
        "Valid from April 1, 2025, in our own shop. Dollar prices do not include sales tax, euro prices include VAT. "
        "Article numbers end in -US for North America (915 MHz) and in -EU for Europe (868 MHz).",
        "# Devices",
        "The hub of the second generation, with power adapter (VM-HUB2), costs $129.00 or €139.00. The hub of the "
        "first generation (VM-HUB1) is no longer sold.",
        "One leak sensor (VM-LS10) costs $34.00 or €36.00. A pack of three leak sensors (VM-LS10-3) costs "
        "$89.00 or €95.00.",
        "The climate sensor for temperature and humidity (VM-CS20) costs $39.00 or €42.00.",
        "The shutoff valve for 3/4 inch pipes (VM-SV20) costs $249.00 or €265.00.",
        "The shutoff valve for 1 inch pipes (VM-SV25) costs $279.00 or €299.00.",
        "The starter set of one hub and three leak sensors (VM-SET1) costs $199.00 or €215.00.",
        "# Accessories and spare parts",
        "The backup battery for the hub (VM-BP3) costs $29.00 or €31.00. It fits the second generation of the hub "
        "only.",
        "The power adapter for the hub (VM-PA5) costs $15.00 or €16.00.",
        "The leak sensor cable of 2 meters (VM-CX2) costs $12.00 or €13.00. Up to three cables can be joined, and the "
        "whole length of the cable detects water.",
        "The USB cable for climate sensors (VM-USB2) costs $9.00 or €10.00.",
        "A pack of four CR2 batteries for leak sensors (VM-BAT-CR2) costs $14.00 or €14.00.",
        "The red knob for the shutoff valve (VM-KNOB) costs $6.00 or €6.50.",
        "Lids with a torn seal are replaced free of charge and have no article number.",
        "# Quantity discounts",
        "Orders of ten or more devices get 8 percent off, orders of fifty or more get 15 percent off. Spare parts are "
        "not discounted. Quantity discounts cannot be combined with vouchers.",
        "# How long spare parts are available",
        "We keep spare parts for every device for at least seven years after its last sale. Spare parts for VM-HUB1 "
        "are available until December 31, 2030.",
    ],
)

VALVE = Sheet(
    "Installing the shutoff valve",
    [
        "For the models VM-SV20 (3/4 inch) and VM-SV25 (1 inch). The work takes about an hour. If you have never cut a "
        "water pipe, leave it to a licensed plumber: in some states and countries only a plumber may work on the main "
        "pipe, and your insurer may ask for the plumber's invoice.",
        "# Before you begin",
        "The valve belongs behind the water meter and the main tap, and before the first branch. It needs 20 "
        "centimeters (8 inches) of straight pipe and a power outlet within 2 meters. It works at a water pressure of "
        "up to 10 bar (145 psi) and at temperatures between 2 and 50 °C. Do not install the valve outdoors or in a "
        "pipe that carries hot water above 50 °C.",
        "# Tools and material",
        "You need a pipe cutter, two wrenches, sealing tape and a bucket. Fittings for copper and PEX pipes are in the "
        "box; fittings for steel pipes are not included.",
        "# Steps",
        (
            "Close the main tap and open the lowest faucet in the house, until no more water comes.",
            "Cut the pipe and take out a piece of 12 centimeters.",
            "Screw the fittings to the valve. The arrow must point in the direction of the flow.",
            "Tighten both sides with 30 newton meters. Hold the valve itself, never the motor.",
            "Open the main tap slowly and check for drops for ten minutes.",
            "Plug in the power adapter of the valve. Its light turns yellow.",
            "In the app choose Add valve and press the button on the motor. The light turns green.",
        ),
        "# Test and care",
        "Choose Test valve in the app: it closes and opens once, which takes about 15 seconds. The valve repeats this "
        "test by itself on the first day of each month at 10 a.m., so that limescale cannot block it. You can turn "
        "this exercise off, but the warranty then no longer covers a blocked valve.",
        "# Without power",
        "During a power failure the valve stays as it is. Pull the red knob out and turn it to move the valve by hand.",
    ],
)

TECHNICAL = Sheet(
    "Technical data",
    [
        "Hub VM-HUB2, leak sensor VM-LS10, climate sensor VM-CS20, shutoff valves VM-SV20 and VM-SV25. As of May 2025.",
        "# Overview",
        [
            ("", "Hub", "Leak sensor", "Climate sensor", "Valve"),
            ("Size (mm)", "110 x 110 x 32", "62 x 62 x 21", "58 x 58 x 24", "180 x 95 x 80"),
            ("Weight", "240 g", "58 g", "71 g", "1.4 kg"),
            ("Power", "5 V, 2 A", "1 x CR2", "2 x AA or USB", "12 V, 1.5 A"),
            ("Protection", "IP20", "IP67", "IP20", "IP54"),
            ("Operating range", "0 to 45 °C", "-10 to 55 °C", "-20 to 60 °C", "2 to 50 °C"),
        ],
        "The leak sensor is protected according to IP67: it survives 30 minutes under one meter of water. Hub and "
        "climate sensor are made for dry rooms. The leak sensor works between minus 10 and 55 °C, the climate sensor "
        "between minus 20 and 60 °C.",
        "# Accuracy of the climate sensor",
        "The climate sensor measures temperature to within 0.3 °C between 0 and 40 °C, and relative humidity to "
        "within 2 percent between 20 and 80 percent. It measures every minute and reports every ten minutes, or at "
        "once when the temperature changes by more than one degree.",
        "# Power consumption",
        "The hub draws 1.8 watts on average, which is about 16 kilowatt-hours a year. The valve draws 0.6 watts at "
        "rest and 11 watts while it moves.",
        "# Radio",
        "Sensors transmit with at most 25 milliwatts. The range is up to 200 meters in the open and about 30 meters "
        "in a house. All messages are encrypted with AES-128, and every sensor has a key of its own.",
        "# Siren",
        "The siren of the hub reaches 85 decibels at a distance of one meter.",
        "# Approvals and disposal",
        "The products carry the CE and UKCA marks and are approved by the FCC. In the European Union the shop takes "
        "old devices back free of charge.",
    ],
)

SHEETS: Mapping[str, Sheet] = {
    "billing/parts-price-list.pdf": CATALOG,
    "devices/shutoff-valve-installation.pdf": VALVE,
    "devices/technical-data.pdf": TECHNICAL,
}
"""By their path in the sample knowledge base."""


def pdf(sheet: Sheet) -> bytes:
    """The sheet as a PDF of US Letter pages, its headings in the outline."""
    from reportlab.lib.pagesizes import LETTER
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import Paragraph, SimpleDocTemplate

    class Outlined(SimpleDocTemplate):  # type: ignore[misc]
        def afterFlowable(self, flowable: Any) -> None:
            if isinstance(flowable, Paragraph) and flowable.style.name == "Heading2":
                title = flowable.getPlainText()
                self.canv.bookmarkPage(title)
                self.canv.addOutlineEntry(title, title)

    styles = getSampleStyleSheet()
    buffer = io.BytesIO()
    # Uncompressed: another zlib gives other bytes for the same text.
    document = Outlined(
        buffer, pagesize=LETTER, title=sheet.title, author="Velmarsh", lang="en", invariant=1, pageCompression=0
    )
    drawn = [flowable for part in sheet.parts for flowable in _drawn(part, styles)]
    document.build([Paragraph(sheet.title, styles["Title"]), *drawn])
    return buffer.getvalue()


def _drawn(part: Part, styles: Any) -> list[Any]:
    from reportlab.platypus import ListFlowable, Paragraph, Spacer

    body = styles["BodyText"]
    if isinstance(part, str):
        heading = part.startswith("# ")
        return [Paragraph(part.removeprefix("# "), styles["Heading2"] if heading else body)]
    if isinstance(part, tuple):
        return [ListFlowable([Paragraph(item, body) for item in part], bulletFormat="%s.")]
    return [_table(part), Spacer(1, 8)]


def _table(rows: list[tuple[str, ...]]) -> Any:
    from reportlab.lib.colors import grey, lightgrey
    from reportlab.platypus import Table

    lines = [("GRID", (0, 0), (-1, -1), 0.5, grey), ("BACKGROUND", (0, 0), (-1, 0), lightgrey)]
    return Table(rows, colWidths=[468 / len(rows[0])] * len(rows[0]), style=lines, repeatRows=1)


def write(folder: Path) -> list[Path]:
    """Writes every sheet below ``folder``; gives the paths."""
    written = []
    for name, sheet in SHEETS.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pdf(sheet))
        written.append(path)
    return written


if __name__ == "__main__":
    for each in write(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCUMENTS):
        sys.stdout.write(f"{each}\n")
