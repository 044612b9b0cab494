"""Runs under LibreOffice's own Python: opens a workbook, does what it is told, saves it; for many jobs.

python3 office_script.py SOFFICE SOURCE JOBS.json
"""

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import uno
from com.sun.star.beans import PropertyValue
from com.sun.star.connection import NoConnectException
from com.sun.star.lang import DisposedException
from com.sun.star.table import TableSortField

SHEET = "Questionnaire"


def setting(name, value):
    one = PropertyValue()
    one.Name, one.Value = name, value
    return one


def connect(soffice, home):
    pipe = f"surveykit{Path(home).name}"
    accept = f"--accept=pipe,name={pipe};urp;"
    options = ["--headless", "--norestore", "--nologo", f"-env:UserInstallation={Path(home).as_uri()}"]
    process = subprocess.Popen(
        [soffice, *options, accept], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(240):
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return process, context.ServiceManager.createInstanceWithContext(
                "com.sun.star.frame.Desktop", context
            )
        except NoConnectException:
            time.sleep(0.25)
    process.kill()
    raise SystemExit("LibreOffice did not start")


def address(sheet, text):
    return sheet.getCellRangeByName(text).getCellByPosition(0, 0).CellAddress


def formats(book, code):
    place = uno.createUnoStruct("com.sun.star.lang.Locale")
    place.Language, place.Country = "en", "US"
    known = book.NumberFormats.queryKey(code, place, False)
    return known if known >= 0 else book.NumberFormats.addNew(code, place)


def edit(book, sheet, what, *more):
    if what == "rename":
        sheet.Name = more[0]
    elif what == "move":
        book.Sheets.moveByName(sheet.Name, book.Sheets.Count)
    elif what == "duplicate":
        book.Sheets.copyByName(sheet.Name, "copy", book.Sheets.Count)
    elif what == "copy":
        book.Sheets.getByName("copy").getCellRangeByName(more[0]).String = more[1]
    elif what == "delete":
        book.Sheets.removeByName(more[0])
    elif what == "hide":
        sheet.IsVisible = False
    elif what == "insert":
        sheet.Rows.insertByIndex(more[0], more[1])
    elif what == "columns":
        sheet.Columns.insertByIndex(more[0], more[1])
    elif what == "remove":
        sheet.Rows.removeByIndex(more[0] - 1, 1)
    elif what == "cut":
        sheet.moveRange(address(sheet, more[1]), sheet.getCellRangeByName(more[0]).RangeAddress)
    elif what == "paste":
        sheet.copyRange(address(sheet, more[1]), sheet.getCellRangeByName(more[0]).RangeAddress)
    elif what == "merge":
        sheet.getCellRangeByName(more[0]).merge(True)
    elif what == "set":
        sheet.getCellRangeByName(more[0]).String = more[1]
    elif what == "type":
        sheet.getCellRangeByName(more[0]).FormulaLocal = more[1]
    elif what == "formula":
        sheet.getCellRangeByName(more[0]).Formula = more[1]
    elif what == "format":
        sheet.getCellRangeByName(more[0]).NumberFormat = formats(book, more[1])
    elif what == "remark":
        sheet.Annotations.insertNew(address(sheet, more[0]), more[1])
    elif what == "box":
        box = book.createInstance("com.sun.star.drawing.RectangleShape")
        box.Position, box.Size = (
            uno.createUnoStruct("com.sun.star.awt.Point", 3000, 9000),
            uno.createUnoStruct("com.sun.star.awt.Size", 5000, 2000),
        )
        sheet.DrawPage.add(box)
        box.String = more[0]
    elif what == "sheet":
        book.Sheets.insertNewByName(more[0], book.Sheets.Count)
        for row, text in enumerate(more[1:]):
            book.Sheets.getByName(more[0]).getCellByPosition(1, row).String = text
    elif what == "hide column":
        sheet.Columns.getByIndex(more[0]).IsVisible = False
    elif what == "colour":
        sheet.getCellRangeByName(more[0]).CellBackColor = 0xFFCC00
    elif what == "sort":
        field = TableSortField()
        field.Field, field.IsAscending = 3, False
        fields = uno.Any("[]com.sun.star.table.TableSortField", (field,))
        rows = sheet.getCellRangeByName(f"A{more[0]}:E{more[1]}")
        uno.invoke(rows, "sort", ((setting("SortFields", fields), setting("ContainsHeader", False)),))
    elif what == "filter":
        sheet.getCellRangeByName("A4:E30").createFilterDescriptor(True)
        sheet.Rows.getByIndex(8).IsVisible = False
    else:
        raise SystemExit(f"what is {what}?")


def main():
    soffice, source, jobs = sys.argv[1:]
    with tempfile.TemporaryDirectory() as home:
        process, desktop = connect(soffice, home)
        try:
            for job in json.loads(Path(jobs).read_text("utf-8")):
                book = desktop.loadComponentFromURL(
                    Path(source).as_uri(), "_blank", 0, (setting("Hidden", True),)
                )
                book.unprotect("")
                sheet = book.Sheets.getByName(SHEET)
                for one in book.Sheets.ElementNames:
                    book.Sheets.getByName(one).unprotect("")
                options = [setting("FilterName", job["filter"])]
                for what, *more in job["edits"]:
                    if what == "password":
                        options.append(setting("Password", "secret"))
                    else:
                        edit(book, sheet, what, *more)
                book.storeToURL(Path(job["out"]).as_uri(), tuple(options))
                book.close(True)
        finally:
            with contextlib.suppress(DisposedException):  # it answers no more once it is gone
                desktop.terminate()
            process.wait(timeout=30)


if __name__ == "__main__":
    main()
