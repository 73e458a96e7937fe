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


OLD = ["Financial Year", "Financial Quarter", "Force Name", "CSP Name", "Offence Description", "Offence Group", "Offence Subgroup", "Offence Code", "Number of Offences"]  # fmt: skip
NEW = ["Financial Year", "Financial Quarter", "Police Force", "CSP Name", "Offence Description", "Offence Group", "Offence Subgroup", "Offence Code", "Offence Count"]  # fmt: skip
#: Offences of every group: description, group, subgroup, code. Case and wording differ as they do between files.
OFFENCES = [
    ("Homicide", "Violence against the person", "Homicide", "1/4.1/4.10/4.2"),
    ("Causing death by dangerous driving", "Violence Against The Person", "Violence with injury", "4.4"),
    ("Assault with injury", "Violence against the person", "Violence with injury", "8N"),
    ("Assault without injury", "Violence against the person", "Violence without injury", "105A"),
    ("Stalking", "Violence against the person", "Stalking and harassment", "8Q"),
    ("Rape of a female aged 16 and over", "Sexual Offences", "Rape", "19C"),
    ("Robbery of personal property", "Robbery", "Robbery of personal property", "34B"),
    ("Burglary Residential", "Theft offences", "Domestic burglary", "28E"),
    ("Burglary Business and Community", "Theft offences", "Non-domestic burglary", "30C"),
    ("Theft from a vehicle", "Theft offences", "Theft from a vehicle", "45"),
    ("Theft from the person", "Theft offences", "Theft from the person", "39"),
    ("Bicycle theft", "Theft offences", "Bicycle theft", "44"),
    ("Shoplifting", "Theft offences", "Shoplifting", "46"),
    ("Other theft", "Theft offences", "Other theft offences", "49"),
    ("Arson endangering life", "Criminal damage and arson", "Arson", "56A"),
    ("Possession of controlled drugs (Cannabis)", "Drug Offences", "Possession of drugs", "92E"),
    ("Possession of firearms", "Possession of weapons offences", "Possession of weapons offences", "81"),
    ("Public fear, alarm or distress", "Public order offences", "Public order offences", "9A"),
    ("Perjury", "Miscellaneous crimes against society", "Miscellaneous crimes against society", "67"),
]

NOTES = [
    ["Updated: 23 July 2026"],
    ["Force Notes"],
    ["Kent: Due to ongoing IT issues, offences of Medway are under 'Unassigned Kent' in the year ending March 2026"],
    ["West Mercia: figures may be revised"],
    ["Additional Notes"],
    ["Fraud offences are recorded by Action Fraud"],
]


def rows_of_a_year(year, areas, *, quarters=(1, 2, 3, 4), count=lambda area, offence, quarter: 1):
    """Rows as a sheet has them: quarter by quarter; `areas` are (force, partnership)."""
    for quarter in quarters:
        for number, area in enumerate(areas):
            for kind, offence in enumerate(OFFENCES):
                yield [year, quarter, *area, *offence, count(number, kind, quarter)]
