"""HL7 v2 from bytes to segments: delimiters, line ends, frames, batches, character sets, places."""

import pytest

from recon import read_hl7

MSH = "MSH|^~\\&|OR|HOSP|FIN|HOSP|20260301120000-0600||DFT^P03^DFT_P03|C1|P|2.5.1"
PID = "PID|1||4711^^^H^MR~078-05-1120^^^SSA^SS||Doe^Jane||19700101|F||||||||||A900^^^H"
PV1 = "PV1|1|I" + "|" * 17 + "V77"
FT1 = "FT1|1|T1||20260301103000|20260302|CG|C100^Stent|||2|200.00&USD|100.00^USD|OR7"


def message(*segments, end="\r"):
    return "".join(segment + end for segment in (MSH, PID, PV1, *segments)).encode()


def accounted(hl7):
    """Every byte is in one segment or one gap."""
    frames = [hl7.segments.select("byte_offset", "byte_length"), hl7.gaps.drop("kind")]
    at = 0
    for offset, length in sorted(row for frame in frames for row in frame.rows()):
        if offset != at:
            return False
        at += length
    return at == len(hl7.data)


def charge(data, **profile):
    hl7 = read_hl7(data, profile or None)
    assert accounted(hl7)
    assert hl7.records["charge"].height == 1, hl7.defects.to_dicts()
    return hl7.records["charge"].row(0, named=True)


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n", "\n\n"])
def test_a_segment_ends_at_any_line_break(end):
    found = charge(message(FT1, end=end))
    assert (found["account"], found["mrn"], found["visit"]) == ("A900", "4711", "V77")
    assert found["byte_offset"] == message(FT1, end=end).index(b"FT1|")


@pytest.mark.parametrize("end", [b"\x1a", b"\x00\x00", b" \x1a\r\n"])
def test_padding_and_an_end_of_file_mark_are_no_segment(end):
    hl7 = read_hl7(message(FT1) + end)
    assert (hl7.messages["accepted"].to_list(), hl7.defects.height) == ([True], 0)
    assert accounted(hl7)


@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_files_joined_that_each_begin_with_a_byte_order_mark(end):
    """The second mark refused the message before it, and the second message was not found."""
    one = b"\xef\xbb\xbf" + message(FT1, end=end)
    hl7 = read_hl7(one + one)
    assert hl7.messages["accepted"].to_list() == [True, True]
    assert hl7.records["charge"]["byte_offset"].to_list() == [
        one.index(b"FT1|"),
        len(one) + one.index(b"FT1|"),
    ]
    assert hl7.gaps.rows() == [(0, 3, "bom"), (len(one), 3, "bom")]
    assert hl7.defects["code"].to_list() == ["bom"]


def test_the_frames_of_the_wire_are_gaps():
    hl7 = read_hl7(b"\x0b" + message(FT1) + b"\x1c\r\x0b" + message(FT1) + b"\x1c\r")
    assert hl7.messages["accepted"].to_list() == [True, True]
    assert hl7.gaps["kind"].to_list() == ["frame"] * 3
    assert accounted(hl7)


def test_a_frame_that_is_not_closed_may_be_cut_off():
    hl7 = read_hl7(b"\x0b" + message(FT1) + b"\x0b" + message(FT1) + b"\x1c\r")
    assert hl7.messages["accepted"].to_list() == [False, True]
    assert hl7.defects["code"].to_list() == ["frame"]


def test_each_message_declares_its_delimiters():
    other = message(FT1).decode().translate(str.maketrans("|^~\\&", "#:*!$")).encode()
    hl7 = read_hl7(message(FT1) + other)
    assert hl7.messages["delimiters"].to_list() == ["|^~\\&", "#:*!$"]
    one, two = hl7.records["charge"].drop("source_record", "byte_offset", "message_no").rows()
    assert one == two
    assert accounted(hl7)


def test_delimiters_that_are_the_same_refuse_the_message_alone():
    hl7 = read_hl7(message(FT1).replace(b"^~\\&", b"^^\\&", 1) + message(FT1))
    assert hl7.messages["accepted"].to_list() == [False, True]
    errors = hl7.defects.filter(hl7.defects["severity"] == "error")
    assert errors["message"].to_list() == [
        "MSH-2 declares ^^\\\\&: delimiters must be four different marks"
    ]


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("A\\F\\B", "A|B"),
        ("A\\S\\B", "A^B"),
        ("A\\T\\B", "A&B"),
        ("A\\R\\B", "A~B"),
        ("A\\E\\B", "A\\B"),
        ("A\\X0D0A\\B", "A\r\nB"),
        ("A\\.br\\B", "A\nB"),
        ("A\\E\\T\\E\\B", "A\\T\\B"),  # what an escape gives is no escape again
        ("A\\Zxx\\B", "A\\Zxx\\B"),  # a private one stays
        ("A\\B", "A\\B"),
    ],
)
def test_escapes(sent, meant):
    assert charge(message(FT1.replace("OR7", sent)))["dept"] == meant


def test_an_escaped_ampersand_in_a_udi_is_part_of_it():
    udi = "=/A9999XYZ100T0474=,000025=A99971312345600=>014032=}013032\\T\\,1000000000000XYZ123"
    found = charge(message(FT1, f"PRT|1|||||||||{udi}"))
    assert found["udi"] == udi.replace("\\T\\", "&")
    assert (found["donation"], found["udi_verdict"]) == ("A99971312345600", "VALID")


def test_an_unescaped_ampersand_in_a_udi_is_part_of_it_too():
    assert charge(message(FT1, "PRT|1|||||||||=/W4146XB00000500&,1000000000000XYZ123"))[
        "udi"
    ].endswith("&,1000000000000XYZ123")


def test_an_explicit_null_is_told_from_a_field_that_is_not_there():
    adt = MSH.replace("DFT^P03^DFT_P03", "ADT^A08")
    # PV1-45, the discharge, is emptied; PV1-44, the admission, is not told.
    found = read_hl7(f'{adt}\rPID|1||4711\rPV1|1|I{"|" * 43}""\r'.encode()).records["account"]
    assert found.select("discharge_date", "admit_at", "nulled").row(0) == (None, None, "discharge")


def test_of_a_repeating_identifier_the_record_number_is_taken_and_never_an_ssn():
    first = PID.replace("4711^^^H^MR~078-05-1120^^^SSA^SS", "078-05-1120^^^SSA^SS~4711^^^H^MR")
    assert charge(message(FT1).replace(PID.encode(), first.encode()))["mrn"] == "4711"
    only = PID.replace("4711^^^H^MR~", "")
    assert charge(message(FT1).replace(PID.encode(), only.encode()))["mrn"] is None


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("8859/1", "latin-1"),
        ("ISO-8859-1", "latin-1"),
        ("UNICODE UTF-8", "utf-8"),
        ("utf8", "utf-8"),
        ("", "cp1252"),
    ],
)
def test_the_character_set_is_the_declared_one(declared, encoding):
    head = MSH + "|" * 6 + declared
    data = message(FT1.replace("OR7", "Ambulanz Süd")).replace(MSH.encode(), head.encode())
    data = data.decode().encode(encoding)
    assert charge(data)["dept"] == "Ambulanz Süd"
    assert charge(data)["byte_offset"] == data.index(b"FT1|")


def test_two_bytes_a_character_of_which_one_is_a_delimiter():
    head = MSH + "|" * 6 + "GB 18030-2000"
    text = message(FT1.replace("OR7", "亅")).decode().replace(MSH, head)  # second byte is a |
    data = text.encode("gb18030")
    assert b"|" in "亅".encode("gb18030")
    assert charge(data)["dept"] == "亅"


@pytest.mark.parametrize("declared", ["ISO IR87", "~ISO IR87"])
def test_characters_of_two_ascii_bytes_of_which_one_is_a_delimiter(declared):
    head = MSH + "|" * 6 + declared
    data = message(FT1.replace("OR7", "万")).decode().replace(MSH, head).encode("iso2022_jp")
    assert data.isascii()
    assert b"|" in "万".encode("iso2022_jp")
    assert charge(data)["dept"] == "万"
    assert read_hl7(data).defects.is_empty()


def test_utf16_is_refused_with_what_to_do():
    hl7 = read_hl7(message(FT1).decode().encode("utf-16"))
    assert hl7.defects["message"].to_list() == [
        "the file is UTF-16, in which the end of a segment cannot be found: send UTF-8"
    ]


@pytest.mark.parametrize("between", [" ", "   ", "\\r", "\\r\\n", "<CR>", "<CR><LF>"])
def test_several_segments_on_one_line_are_taken_apart_and_told(between):
    data = between.join([MSH, PID, PV1, FT1]).encode() + between.encode() + b"\r"
    hl7 = read_hl7(data)
    assert hl7.segments["fields"][1][17].rstrip() == "A900^^^H"
    found = charge(data)
    assert (found["account"], found["visit"], found["dept"]) == ("A900", "V77", "OR7")
    assert hl7.defects["code"].to_list() == ["joined"] * 3
    assert accounted(hl7)


@pytest.mark.parametrize("head", ["", "BHS|^~\\&|OR|HOSP\r"], ids=["message", "batch"])
def test_files_joined_without_a_line_break_are_told(head):
    """As where the last line of each has none: the second's charges were read as the first's."""
    joined = message(FT1)[:-1] + head.encode() + message(FT1).replace(b"C1", b"C2")
    hl7 = read_hl7(message(FT1).replace(b"C1", b"C0") + joined)
    found = (head or "MSH")[:3]
    (told,) = hl7.defects.filter(severity="error").rows(named=True)
    assert (told["code"], told["segment"], told["found"]) == ("header_inside", "FT1", "FT1")
    assert f"another {found} is on the line of FT1" in told["message"]
    assert hl7.messages.select("message_id", "accepted").rows() == [
        ("C0", True),
        ("C1", False),
        *([("C2", True)] if head else []),
    ]


@pytest.mark.parametrize("before", [b" ", b"\t", b"\x0b"])
def test_a_header_that_begins_its_line_is_on_no_other(before):
    data = message(FT1) + before + message(FT1)
    assert "header_inside" not in read_hl7(data).defects["code"].to_list()


def test_a_name_that_is_like_a_tag_is_no_segment():
    hl7 = read_hl7(message(FT1, "MFI|CDM|x", "NTE|1||Mr PID^x|PV1|"))
    assert "joined" not in hl7.defects["code"].to_list()


def test_z_segments_are_kept_as_they_are():
    hl7 = read_hl7(message(FT1, "ZF1|a^b&c|\\T\\"))
    assert hl7.segments.row(-1, named=True)["fields"] == ["a^b&c", "\\T\\"]
    assert not any("a^b&c" in str(rows.rows()) for rows in hl7.records.values())


def test_a_line_break_inside_free_text_is_told_and_one_inside_a_charge_refuses_it():
    hl7 = read_hl7(message(FT1, "NTE|1||first", "second line"))
    assert hl7.defects["code"].to_list() == ["text_line"]
    hl7 = read_hl7(message(FT1, "and on") + message(FT1))
    assert hl7.messages["accepted"].to_list() == [False, True]
    assert hl7.defects["code"].to_list() == ["segment_tag"]


def batch(count, files="1"):
    head = "|^~\\&|OR|HOSP"
    body = (message(FT1) * 2).decode()
    return f"FHS{head}\rBHS{head}\r{body}BTS|{count}\rFTS|{files}\r".encode()


def test_a_batch_counts_its_messages():
    hl7 = read_hl7(batch(2))
    assert hl7.messages["accepted"].all()
    assert hl7.controls.select("control", "declared", "found", "agrees").rows() == [
        ("BTS01", "2", "2", True),
        ("FTS01", "1", "1", True),
    ]
    assert accounted(hl7)


@pytest.mark.parametrize(("outer", "inner"), [("|", "#"), ("#", "|")])
def test_a_trailer_is_written_as_its_header_and_not_as_the_message_before_it(outer, inner):
    begin, end = (f"{tag}^~\\&|A\r" for tag in ("FHS|", "BHS|")), ("BTS|1\r", "FTS|1\r")
    around = ["".join(lines).replace("|", outer).encode() for lines in (begin, end)]
    hl7 = read_hl7(around[0] + message(FT1).replace(b"|", inner.encode()) + around[1])
    assert hl7.messages["accepted"].to_list() == [True]
    assert hl7.controls.select("control", "agrees").rows() == [("BTS01", True), ("FTS01", True)]
    assert hl7.records["charge"].height == 1


def test_a_batch_that_counts_otherwise_is_refused_and_what_stands_after_it_is_not():
    hl7 = read_hl7(batch(3) + message(FT1))
    assert hl7.messages["accepted"].to_list() == [False, False, True]
    assert hl7.defects["message"].to_list() == ["BTS-1 declares 3 messages, 2 were found"]


def test_a_batch_without_its_trailer_may_be_cut_off():
    hl7 = read_hl7(batch(2).replace(b"BTS|2\r", b""))
    assert not hl7.messages["accepted"].any()
    assert "BTS" in hl7.defects["code"].to_list()


def test_no_message_at_all():
    assert read_hl7(b"").defects["code"].to_list() == ["no_msh"]
    hl7 = read_hl7(b"PID|1||4711\r")
    assert sorted(hl7.defects["code"].to_list()) == ["no_msh", "stray"]
    assert accounted(hl7)
    # Lines of what is no HL7 were told one by one.
    hl7 = read_hl7(message(FT1).decode().encode("utf-16-le"))
    assert hl7.defects["code"].to_list() == ["no_msh"]
    assert accounted(hl7)


QUIET = "FHS|^~\\&|OR|HOSP\rBHS|^~\\&|OR|HOSP\rBTS|0\rFTS|1\r"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        pytest.param(QUIET, [], id="whole"),
        pytest.param(QUIET[17:-6], [], id="without-a-file-around-it"),
        pytest.param(QUIET[:-6], ["FTS", "no_msh"], id="without-its-last-trailer"),
        pytest.param(QUIET[:34], ["BTS", "FTS", "no_msh"], id="cut-off"),
        pytest.param(QUIET.replace("BTS|0", "BTS|2"), ["BTS01", "no_msh"], id="emptied"),
        pytest.param(
            QUIET.replace("BTS|0", "BTS").replace("FTS|1", "FTS"), ["no_msh"], id="silent"
        ),
    ],
)
def test_a_batch_of_a_night_without_messages(text, codes):
    """It was refused as a file cut short."""
    hl7 = read_hl7(text.encode())
    assert sorted(hl7.defects["code"].to_list()) == sorted(codes)
    assert accounted(hl7)


def test_times_are_those_of_their_own_offset_then_of_the_message_then_of_the_profile():
    own = charge(message(FT1.replace("20260301103000", "20260301103000+0100")))
    assert str(own["service_at"]) == "2026-03-01 09:30:00"
    assert str(charge(message(FT1))["service_at"]) == "2026-03-01 16:30:00"
    bare = message(FT1).replace(b"120000-0600", b"120000")
    assert charge(bare)["service_at"] is None
    summer = bare.replace(b"20260301103000", b"20260701103000")
    found = charge(summer, time_zone="America/Chicago")
    assert str(found["service_at"]) == "2026-07-01 15:30:00"
    assert str(found["service_date"]) == "2026-07-01"


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("MSH|^~\\&|A|B|20260401|DFT^P03|P|C1|2.5", id="fields-left-out"),
        pytest.param("MSH|^~\\&|A|B|||20260401||DFT_P03|C1|P|2.5", id="a-structure"),
        pytest.param("MSH|^~\\&|A|B|||20260401||dft^P03|C1|P|2.5", id="small-letters"),
    ],
)
def test_a_header_without_a_message_type_is_refused_and_not_passed_over(header):
    hl7 = read_hl7((header + "\rPID|1||7\r" + FT1 + "\r").encode())
    (told,) = hl7.defects.filter(severity="error").rows(named=True)
    assert (told["segment"], told["field"]) == ("MSH", 9)
    assert hl7.messages["accepted"].to_list() == [False]
    assert not hl7.records


@pytest.mark.parametrize(
    ("form", "lines", "lacks"),
    [
        pytest.param("DFT^P03", ["PID|1||7"], "FT1", id="charges"),
        pytest.param("ADT^A01", ["EVN|A01|20260401"], "PID", id="an-account"),
        pytest.param("ADT", [], "PID", id="only-its-header"),
        pytest.param("BAR^P01", [], "PID", id="billing"),
        pytest.param("SIU^S12", ["PID|1||7"], "SCH", id="a-case"),
        pytest.param("MFN^M04", ["MFI|CDM||UPD|||NE"], "MFE", id="a-master"),
        pytest.param("ADT^A40", ["EVN|A40|20260401", "PID|1||7"], "MRG", id="who-was-merged"),
        pytest.param("ADT^A49", ["EVN|A49|20260401", "PID|1||7"], "MRG", id="which-account"),
        pytest.param("ADT", ["EVN|A35|20260401", "PID|1||7"], "MRG", id="the-event-in-EVN"),
    ],
)
def test_a_message_without_what_it_is_about_may_be_cut_off(form, lines, lacks):
    head = f"MSH|^~\\&|A|B|||20260401||{form}|C1|P|2.5"
    whole = head.replace("C1", "C2").replace(form, "ADT^A20")  # the state of a bed: no patient
    hl7 = read_hl7("".join(line + "\r" for line in (head, *lines, whole)).encode())
    (told,) = hl7.defects.rows(named=True)
    kind = form.partition("^")[0]
    assert told["message"] == f"no {lacks} in a message {kind}: it may be cut off, resend"
    assert hl7.messages["accepted"].to_list() == [False, True]
