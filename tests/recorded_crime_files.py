"""Files of recorded crime as the Home Office publishes them, small or of full size: OpenDocument written row by row."""

import zipfile
from xml.sax.saxutils import escape, quoteattr

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<office:document-content'
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
    "<office:body><office:spreadsheet>"
)
_TAIL = "</office:spreadsheet></office:body></office:document-content>"


def ods_cell(value):
    """A cell as LibreOffice writes it."""
    if value is None or value == "":
        return "<table:table-cell/>"
    if isinstance(value, (int, float)):
        return f'<table:table-cell office:value-type="float" office:value="{value}"><text:p>{value:,}</text:p></table:table-cell>'
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(value).split("\n"))
    return f'<table:table-cell office:value-type="string">{lines}</table:table-cell>'


def ods_row(row):
    """A row of cells, padded to the right as spreadsheets are."""
    cells = "".join(map(ods_cell, row))
    return f'<table:table-row>{cells}<table:table-cell table:number-columns-repeated="16374"/></table:table-row>\n'


def write_ods(path, sheets, *, prefix=""):
    """Write sheets, each an iterable of rows, as an .ods; rows are written as they are made, so any number fits."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        with archive.open("content.xml", "w", force_zip64=True) as content:
            head = _HEAD.replace("\n<office", f"\n{prefix}<office", 1) if prefix else _HEAD
            content.write(head.encode())
            for name, rows in sheets.items():
                content.write(f"<table:table table:name={quoteattr(name)}>".encode())
                for row in rows:
                    content.write((row if isinstance(row, str) else ods_row(row)).encode())
                end = '<table:table-row table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
                content.write(f"{end}</table:table>".encode())
            content.write(_TAIL.encode())
    return path
