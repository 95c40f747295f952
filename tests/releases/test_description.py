import pytest

from devices.errors import Refused
from devices.releases.receiving import description

ONE, OTHER = "a" * 64, "b" * 64
WHOLE = f"""
/* As a maker writes it. */
software =
{{
    version = "1.0" ".1";                # strings side by side are one
    description = "Firmware \\"R2\\"";
    hardware-compatibility: [ "1.0", "#RE:^2" ];
    stable: {{ copy-1: {{
        images: (
            {{ filename = "rootfs.bin"; device = "/dev/mmcblk0p2"; compressed = "zlib";
               installed-directly = true; sha256 = "{ONE}"; size = 0x10L; offset = 1.5 }},
            {{ type = "none"; }}
        );
        scripts: ( {{ filename = "after.lua"; type = "lua"; sha256 = "{OTHER.upper()}"; }} );
    }} }};
    copy2 = {{ images: ( {{ filename = "rootfs.bin"; sha256 = "{ONE}"; }} ) }}; // the other half
}};
"""


def test_all_that_matters_is_read_wherever_it_stands():
    said = description.read(WHOLE)

    assert said.version == "1.0.1"
    assert said.hardware == {"1.0", "#RE:^2"}
    assert said.files == {"rootfs.bin": ONE, "after.lua": OTHER}


NOWHERE = f'images: ( {{ filename = "../f"; sha256 = "{ONE}" }} )'
AGAIN = f'files: ( {{ filename = "f"; sha256 = "{OTHER}" }} )'
FILE = f'images: ( {{ filename = "f"; sha256 = "{ONE}"; }} );'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no software group"),
        ("software = 1;", "no software group"),
        (f"software = {{ {FILE} }};", "no version"),
        (f"software = {{ version = 1; {FILE} }};", "no version"),
        ('software = { version = "1"; };', "names no file"),
        ('software = { version = "1"; images: ( { filename = "f"; } ); };', "no sha256 for f"),
        (f'software = {{ version = "1"; version = "2"; {FILE} }};', "says version twice"),
        (f'software = {{ version = "1"; {NOWHERE} }}', "no plain name"),
        (f'software = {{ version = "1"; {FILE} {AGAIN} }}', "two sha256"),
        ('@include "/etc/passwd"', "not libconfig"),
        ('software = { version = "1"', "not libconfig"),
        ("software = { version = \"1\n\"; };", "not libconfig"),
        ("software = { version == 1 };", "not libconfig"),
        ("software = ;", "not libconfig"),
        ("{" * 5000, "not libconfig"),
        ("a = " + "(" * 5000, "nested deeper"),
        ("a = " + "{ a = " * 5000, "nested deeper"),
        ("/* never closed", "not libconfig"),
        ("\x00", "not libconfig"),
    ],
)  # fmt: skip
def test_what_is_not_said_clearly_is_refused(text, says):
    with pytest.raises(Refused, match=says):
        description.read(text)


def test_no_image_names_more_files_than_can_be_looked_at():
    many = ", ".join(f'{{ filename = "f{n}"; sha256 = "{ONE}"; }}' for n in range(300))

    with pytest.raises(Refused, match="more than 200 files"):
        description.read(f'software = {{ version = "1"; images: ( {many} ); }};')
