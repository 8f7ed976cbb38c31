"""The contract workbook: a minimal XLSX, not compressed, so that its bytes show no zlib version."""

import io
import zipfile
from datetime import date
from xml.sax.saxutils import escape

from recon.sample.files import File
from recon.sample.network import ContractLine, Network

HEADINGS = (
    *("Contract", "Item", "Vendor", "Facility", "Tier", "Unit"),
    *("Price", "Mark-up", "Valid from", "Valid to", "Status"),
)
SHEET = "Prices"
EPOCH = date(1899, 12, 30)
# Cell styles, by their place in cellXfs: text, date, price.
TEXT, DAY, PRICE = 0, 1, 2

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_DOC = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

PARTS = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_RELS}"><Relationship Id="rId1" '
        f'Type="{_DOC}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOC}"><sheets>'
        f'<sheet name="{SHEET}" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_RELS}">'
        f'<Relationship Id="rId1" Type="{_DOC}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_DOC}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": (
        f'<styleSheet xmlns="{_MAIN}">'
        '<numFmts count="1"><numFmt numFmtId="164" formatCode="#,##0.00##"/></numFmts>'
        '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs>'
        '<cellXfs count="3"><xf xfId="0"/><xf numFmtId="14" xfId="0" applyNumberFormat="1"/>'
        '<xf numFmtId="164" xfId="0" applyNumberFormat="1"/></cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    ),
}


def contracts(net: Network, night: int, stamp: str, late: list[ContractLine]) -> File:
    """The contract workbook of a night; ``late`` are lines that it holds beside the network's."""
    lines = sorted(
        [*net.contracts, *late], key=lambda c: (c.contract_no, c.item, c.facility, c.valid_from)
    )
    rows = [_row(1, [_text(h) for h in HEADINGS])]
    rows += [_row(n, _cells(line)) for n, line in enumerate(lines, start=2)]
    sheet = f'<worksheet xmlns="{_MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>'
    return File(
        "contract_price",
        f"CONTRACTS_{stamp}.xlsx",
        night,
        _zipped({**PARTS, "xl/worksheets/sheet1.xml": sheet}),
        len(lines),
    )


def _cells(line: ContractLine) -> list[str]:
    return [
        _text(line.contract_no),
        _text(line.item),
        _text(line.supplier),
        _text(line.facility),
        _text("STANDARD"),
        _text(line.uom),
        _number(f"{line.price // 10_000}.{line.price % 10_000:04d}".rstrip("0").rstrip("."), PRICE),
        _number(f"0.{line.markup_pct:02d}", PRICE) if line.markup_pct else "",
        _number(str((line.valid_from - EPOCH).days), DAY),
        _number(str((line.valid_to - EPOCH).days), DAY) if line.valid_to else "",
        _text("ACTIVE"),
    ]


def _text(value: str) -> str:
    return f'<c r="@" t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def _number(value: str, style: int) -> str:
    return f'<c r="@" s="{style}"><v>{value}</v></c>'


def _row(number: int, cells: list[str]) -> str:
    placed = [
        cell.replace("@", f"{chr(65 + n)}{number}", 1) for n, cell in enumerate(cells) if cell
    ]
    return f'<row r="{number}">{"".join(placed)}</row>'


def _zipped(parts: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 0
            archive.writestr(entry, _XML + content)
    return buffer.getvalue()
