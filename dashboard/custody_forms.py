"""What people fill in about custody. A form turns text into values, or says what is wrong."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import Q, QuerySet
from django.utils.timezone import localtime, now

from dashboard.forms import ANY, Reason
from dashboard.then import NoMoment, moment_of
from devices.access.people import Visible
from devices.custody.history import Wanted
from devices.custody.holders import officers_in
from devices.custody.models import Custody, CustodyVerb, Desk
from devices.inventory import codes
from devices.inventory.models import Camera

LOCAL = "%Y-%m-%dT%H:%M"
LONGEST_BADGE = 20


class MomentField(forms.CharField):
    """A time that has been, by the department's clocks; one shown twice is its first."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"})

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"max_length": 40, "required": False, **options})

    def clean(self, value: Any) -> Any:
        said = super().clean(value)
        if not said:
            return None
        try:
            return moment_of(said, now())
        except NoMoment as refused:
            raise ValidationError(str(refused)) from None


class BadgeField(forms.CharField):
    """An officer by badge number, among those of ``reach``."""

    def __init__(self, **options: Any) -> None:
        self.reach: Visible | None = Visible()
        super().__init__(
            max_length=LONGEST_BADGE,
            validators=[ProhibitNullCharactersValidator()],
            **{
                "widget": forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
                "label": "Badge",
                "error_messages": {"required": "Say whose: a badge number."},
                **options,
            },
        )

    def clean(self, value: Any) -> Any:
        said = super().clean(value)
        if not said:
            return None
        found = officers_in(self.reach).filter(badge_number=said).first() if self.reach else None
        if found is None:
            raise ValidationError("No officer has this badge number.")
        return found


class CameraField(forms.CharField):
    """A camera by its name or number, among these ``rows``."""

    def __init__(self, **options: Any) -> None:
        self.rows: QuerySet[Camera] = Camera.objects.all()
        super().__init__(
            max_length=12,
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            **{"label": "Camera", **options},
        )

    def clean(self, value: Any) -> Any:
        said = str(super().clean(value) or "").strip()
        if not said:
            return None
        digits = said.upper().removeprefix(codes.CAMERA)
        number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None
        label = codes.number_on(said)
        wanted = [one for one in (number, label) if one is not None and one < 2**31]
        found = self.rows.filter(number__in=wanted).first()
        if found is None:
            raise ValidationError("No camera is called that. Write it as C0417.")
        return found


def cameras_asked_of(reach: Visible) -> QuerySet[Camera]:
    """The cameras whose custody somebody may ask for: those within reach, or ever their own."""
    if reach.officer_id is None:
        return reach.cameras()
    own = Q(officer=reach.officer_id) | Q(custodies__officer=reach.officer_id)
    return Camera.objects.filter(own).distinct()


class HistoryFilter(forms.Form):
    """Which part of a history. What is asked wrongly is not asked, and said beside its field."""

    since = MomentField(label="From")
    until = MomentField(label="To")
    officer = BadgeField(required=False, label="Officer")
    verb = forms.ChoiceField(required=False, label="What", choices=[ANY, *CustodyVerb.choices])
    desk = forms.ModelChoiceField(
        required=False, label="Desk", queryset=Desk.objects.none(), empty_label="Any"
    )

    def __init__(self, *args: Any, reach: Visible, shown: Visible | None, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        if shown is None or shown.officer_id is not None:
            del self.fields["officer"]
        else:
            badge = self.fields["officer"]
            assert isinstance(badge, BadgeField)
            badge.reach = Visible()  # who held a camera may since belong elsewhere
        desks = Desk.objects.select_related("station").order_by("station__code", "name")
        if reach.stations is not None:
            desks = desks.filter(station__in=reach.stations)
        field = self.fields["desk"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = desks

    def wanted(self, **of: Any) -> Wanted:
        """What was asked, as far as it could be understood, of this camera or officer."""
        self.full_clean()
        asked = self.cleaned_data
        desk = asked.get("desk")
        return Wanted(
            since=asked.get("since"),
            until=asked.get("until"),
            verb=asked.get("verb", ""),
            desk=desk.pk if desk else None,
            **{"officer": asked.get("officer"), **of},
        )


class ExportFilter(HistoryFilter):
    """The same for a file, of one camera or of all."""

    camera = CameraField(required=False)

    def __init__(self, *args: Any, reach: Visible, **kwargs: Any) -> None:
        super().__init__(*args, reach=reach, **kwargs)
        field = self.fields["camera"]
        assert isinstance(field, CameraField)
        field.rows = cameras_asked_of(reach)


class Moment(forms.Form):
    """Who held this camera, or what did this officer hold, at a moment."""

    camera = CameraField(required=False)
    officer = BadgeField(required=False, label="or officer")
    at = MomentField(label="At")

    def __init__(self, *args: Any, reach: Visible, shown: Visible | None, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        camera, officer = self.fields["camera"], self.fields["officer"]
        assert isinstance(camera, CameraField)
        assert isinstance(officer, BadgeField)
        camera.rows, officer.reach = cameras_asked_of(reach), shown
        if shown is None:
            del self.fields["officer"]

    def clean(self) -> None:
        asked = self.cleaned_data
        if self.errors:
            return
        if bool(asked.get("camera")) == bool(asked.get("officer")):
            badges = "officer" in self.fields
            one = "a camera or an officer: one of the two" if badges else "a camera"
            raise ValidationError(f"Say which: {one}.")
        if asked.get("at") is None:
            self.add_error("at", "Say when: a day and a time, such as 2026-03-12T03:12.")


class ToOfficer(Reason):
    """To whom a camera goes, and why."""

    officer = BadgeField()


class CheckIn(Reason):
    """Which custody ends, as the page showed it, and why by hand."""

    custody = forms.ModelChoiceField(
        queryset=Custody.objects.none(),
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), "Look who has it now, and check it in again."
        ),
    )

    def __init__(self, *args: Any, rows: QuerySet[Custody], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["custody"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = rows


class SwapFor(forms.Form):
    """Who gives a camera back, as the page showed it, and which they have instead.

    A reason is wanted by a camera that is not ready alone.
    """

    officer = BadgeField(widget=forms.HiddenInput)
    instead = CameraField(label="Other camera", error_messages={"required": "Say which camera."})
    reason = forms.CharField(
        required=False,
        max_length=200,
        label="Reason",
        validators=[ProhibitNullCharactersValidator()],
    )

    def __init__(self, *args: Any, rows: QuerySet[Camera], **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        field = self.fields["instead"]
        assert isinstance(field, CameraField)
        field.rows = rows.select_related("station")


class OwnCamera(Reason):
    """Whose own camera it is from now on, nobody's when empty, and why."""

    officer = BadgeField(required=False)


class Corrected(Reason):
    """What was really so of a custody."""

    officer = BadgeField(required=False, label="Who really held it")
    opened_at = MomentField(
        required=True, label="From", error_messages={"required": "Say from when."}
    )
    closed_at = MomentField(label="To")

    def __init__(self, *args: Any, custody: Custody, **kwargs: Any) -> None:
        known = {
            "officer": custody.officer.badge_number,
            "opened_at": _local(custody.opened_at),
            "closed_at": _local(custody.closed_at),
        }
        super().__init__(*args, **{"initial": known, "label_suffix": "", **kwargs})


def _local(at: datetime | None) -> str:
    return localtime(at).strftime(LOCAL) if at else ""


class OfficerFilter(forms.Form):
    """Which officers."""

    q = forms.CharField(
        required=False,
        max_length=LONGEST_BADGE,
        label="Search",
        validators=[ProhibitNullCharactersValidator()],
    )
    who = forms.ChoiceField(
        required=False,
        label="Who",
        choices=[
            ("", "Everybody on duty here"),
            ("holding", "Holds a camera for a shift"),
            ("overdue", "Overdue"),
            ("suspended", "Suspended"),
            ("left", "Left"),
            ("without", "Without a camera of their own"),
        ],
    )
