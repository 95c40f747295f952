"""The table of cameras: filters, sort and columns live in the address, so that it can be kept."""

import csv
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from io import StringIO
from urllib.parse import urlencode

from asgiref.sync import sync_to_async
from django.db import transaction
from django.http import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.timezone import localtime, now
from django.views.decorators.gzip import gzip_page

from dashboard import columns
from dashboard.columns import Column
from dashboard.doors import Entered, door
from dashboard.forms import CameraFilter
from dashboard.views.board import sees_badges
from devices import ledger
from devices.access.people import Visible, reach_of
from devices.board import table
from devices.board.table import Order, Page, Row, Wanted
from devices.department import current
from devices.policy import Policy
from devices.roles import Act

PAGE = 50
CSV_PAGE = 1000
COLUMNS_COOKIE = "columns"
A_YEAR_S = 365 * 24 * 3600
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class View:
    """What one address shows: which rows, in which order, with which columns."""

    wanted: Wanted
    page: Page
    columns: list[Column]


@dataclass(frozen=True)
class Head:
    """The head of a column: where it leads, and whether the table is sorted by it."""

    label: str
    number: bool = False
    link: str = ""
    sorted: str = ""


@gzip_page
@door(Act.VIEW_CAMERA)
def cameras(request: Entered) -> HttpResponseBase:
    form = CameraFilter(request.GET)
    view = view_of(request, form)
    rows, more, total = _found(request.reach, view)
    response = render(
        request,
        "dashboard/cameras.html",
        {
            "form": form,
            "view": view,
            "rows": [
                (row, [(column, column.cell(row)) for column in view.columns]) for row in rows
            ],
            "heads": _heads(request, view),
            "total": total,
            "most_counted": table.MOST_COUNTED,
            "offered": [
                one for one in columns.COLUMNS.values() if view.wanted.badges or not one.badges
            ],
            "filters": _chosen(request),
            "next": _with(request, after=_key_text(rows[-1])) if more else "",
            "first": _with(request) if "after" in request.GET else "",
            "csv": _with(request),
            "may_export": reach_of(request.user, Act.EXPORT_CAMERAS) is not None,
        },
    )
    if "columns" in request.GET:
        kept = ".".join(column.key for column in view.columns)
        response.set_cookie(COLUMNS_COOKIE, kept, max_age=A_YEAR_S, samesite="Lax", httponly=True)
    return response


@door(Act.EXPORT_CAMERAS)
def cameras_csv(request: Entered) -> HttpResponseBase:
    """Exactly this view, every row of it, as CSV. That somebody took it is written down."""
    form = CameraFilter(request.GET)
    view = view_of(request, form)
    at = now()
    asked = {key: value for key, value in form.cleaned_data.items() if value}
    taken = [column.key for column in view.columns]
    with transaction.atomic():
        ledger.record(
            "exported cameras", "cameras", by=request.user, now=at, asked=asked, columns=taken
        )
    name = f"cameras-{localtime(at):%Y%m%d-%H%M}.csv"
    return StreamingHttpResponse(
        _csv(request.reach, view, current.policy()),
        content_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


def view_of(request: Entered, form: CameraFilter) -> View:
    """What the address asks for; the columns are remembered from the last time they were chosen."""
    wanted = form.wanted(badges=sees_badges(request.user))
    sort = request.GET.get("sort", "")
    order = sort.removeprefix("-")
    asked = request.GET.getlist("columns") or request.COOKIES.get(COLUMNS_COOKIE, "").split(".")
    page = Page(
        order=Order(order) if order in list(Order) else Order.NUMBER,
        descending=sort.startswith("-"),
        size=PAGE,
    )
    after = key_of(request.GET.get("after", ""), page.order)
    return View(
        wanted,
        Page(page.order, page.descending, after, PAGE),
        columns.chosen(asked, badges=wanted.badges),
    )


def key_of(text: str, order: Order) -> tuple[str, int] | None:
    """Where a page begins, as the address says it; None for what never was an address of ours."""
    value, _, number = text.rpartition("~")
    if not (number.isascii() and number.isdigit() and len(number) < 10) or "\0" in text:
        return None
    return (value, int(number)) if table.sortable(value, order) else None


def safe(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA) else text


async def _csv(reach: Visible, view: View, policy: Policy) -> AsyncIterator[str]:
    """A thousand rows at a time, so that a fleet of any size passes through little memory."""
    yield "\ufeff" + _line(["Number", *(column.label for column in view.columns)])
    after, more = None, True
    while more:
        page = Page(view.page.order, view.page.descending, after, CSV_PAGE)
        rows, more = await sync_to_async(table.page)(reach, view.wanted, page, policy)
        yield "".join(_lines(rows, view.columns))
        after = rows[-1].key if rows else None


def _lines(rows: list[Row], shown: list[Column]) -> Iterator[str]:
    for row in rows:
        yield _line([row.name, *(column.told(row) for column in shown)])


def _line(cells: list[object]) -> str:
    line = StringIO()
    csv.writer(line).writerow([safe(cell) for cell in cells])
    return line.getvalue()


def _found(reach: Visible, view: View) -> tuple[list[Row], bool, int]:
    """One page, whether another follows, and how many cameras there are in all."""
    if view.page.after is None:
        rows, total = table.first_page(reach, view.wanted, view.page, current.policy())
        return rows, total > len(rows), total
    rows, more = table.page(reach, view.wanted, view.page, current.policy())
    return rows, more, table.count(reach, view.wanted, current.policy())


def _key_text(row: Row) -> str:
    value, number = row.key
    return f"{value}~{number}"


def _chosen(request: Entered) -> list[tuple[str, str]]:
    """What the address asks, without the page: for links and hidden fields."""
    return [(key, value) for key, value in _asked(request) if key != "after"]


def _asked(request: Entered) -> Iterator[tuple[str, str]]:
    for key, values in request.GET.lists():
        yield from ((key, value) for value in values if value)


def _with(request: Entered, **changes: str) -> str:
    kept = [(key, value) for key, value in _chosen(request) if key not in changes]
    return urlencode([*kept, *changes.items()])


def _heads(request: Entered, view: View) -> Iterator[Head]:
    yield _head(request, view, "Camera", Order.NUMBER)
    for column in view.columns:
        yield _head(request, view, column.label, column.order, number=column.number)


def _head(
    request: Entered, view: View, label: str, order: Order | None, *, number: bool = False
) -> Head:
    """A head that sorts by its column; a second press turns the order round."""
    if order is None:
        return Head(label, number)
    if view.page.order is not order:
        return Head(label, number, link=_with(request, sort=order.value))
    turned = order.value if view.page.descending else f"-{order.value}"
    now_sorted = "descending" if view.page.descending else "ascending"
    return Head(label, number, link=_with(request, sort=turned), sorted=now_sorted)
