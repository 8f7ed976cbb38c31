"""997 and 999, functional acknowledgements: the group (AK1, AK9), its sets (AK2), their errors.

The 999 says with IK3, IK4 and IK5 what the 997 says with AK3, AK4 and AK5, and adds with CTX
which claim the error is in. Both fill the same columns. The copy of the bad element (AK404, IK404)
is not read: it is whatever the sender wrote there, a name or a birth date too.
"""

from recon.parse.x12.declare import Column, Kind, Record, TransactionSet, column, loop, tag

_LOOPS = (
    loop("set", "AK2"),
    loop("segment", "AK3", within="set", holds="AK4"),
    loop("guide_segment", "IK3", within="set", holds="IK4 CTX"),
)

_GROUP: tuple[Column, ...] = (
    column("functional_code", Kind.TEXT, inherit=True),
    column("group_control_number_acked", Kind.TEXT, inherit=True),
)

_ERRED_SET: tuple[Column, ...] = (
    column("set_code", Kind.TEXT, "set.AK201"),
    column("transaction_control_number_acked", Kind.TEXT, "set.AK202"),
)

_ERRED_SEGMENT: tuple[Column, ...] = (
    column("segment_tag", Kind.TEXT, "segment.AK301", "guide_segment.IK301"),
    column("position", Kind.COUNT, "segment.AK302", "guide_segment.IK302"),
    column("loop_id", Kind.TEXT, "segment.AK303", "guide_segment.IK303"),
)

_ACK = Record(
    "functional_ack",
    (
        column("functional_code", Kind.TEXT, "AK101", required=True),
        column("group_control_number_acked", Kind.TEXT, "AK102", required=True),
        column("version", Kind.TEXT, "AK103"),
        column("code", Kind.TEXT, "AK901", required=True, codes="A|E|M|P|R|W|X"),
        column("declared_count", Kind.COUNT, "AK902"),
        column("received_count", Kind.COUNT, "AK903"),
        column("accepted_count", Kind.COUNT, "AK904"),
        column("error_code_1", Kind.TEXT, "AK905"),
        column("error_code_2", Kind.TEXT, "AK906"),
        column("error_code_3", Kind.TEXT, "AK907"),
        column("error_code_4", Kind.TEXT, "AK908"),
        column("error_code_5", Kind.TEXT, "AK909"),
    ),
)

_SET = Record(
    "functional_ack_set",
    (
        *_GROUP,
        column("set_code", Kind.TEXT, "AK201", required=True),
        column("transaction_control_number_acked", Kind.TEXT, "AK202", required=True),
        column("implementation", Kind.TEXT, "AK203"),
        column("code", Kind.TEXT, "AK501", "IK501", required=True, codes="A|E|M|R|W|X"),
        column("error_code_1", Kind.TEXT, "AK502", "IK502"),
        column("error_code_2", Kind.TEXT, "AK503", "IK503"),
        column("error_code_3", Kind.TEXT, "AK504", "IK504"),
        column("error_code_4", Kind.TEXT, "AK505", "IK505"),
        column("error_code_5", Kind.TEXT, "AK506", "IK506"),
    ),
    loop="set",
)

_ERROR = Record(
    "functional_ack_error",
    (
        *_GROUP,
        *_ERRED_SET,
        tag("source"),
        *_ERRED_SEGMENT,
        column("element", Kind.COUNT, "AK401-1", "IK401-1"),
        column("component", Kind.COUNT, "AK401-2", "IK401-2"),
        column("repetition", Kind.COUNT, "AK401-3", "IK401-3"),
        column("element_ref", Kind.TEXT, "AK402", "IK402"),
        column("error_code", Kind.TEXT, "AK304", "AK403", "IK304", "IK403"),
    ),
    tags=("AK3", "AK4", "IK3", "IK4"),
)

_CONTEXT = Record(
    "functional_ack_context",
    (
        *_GROUP,
        *_ERRED_SET,
        *_ERRED_SEGMENT,
        column("name", Kind.TEXT, "CTX01-1"),
        # The sender's own number of what the error is in: of a claim, the patient's account.
        column("number", Kind.TEXT, "CTX01-2", private="account"),
        column("trigger_tag", Kind.TEXT, "CTX02"),
        column("trigger_position", Kind.COUNT, "CTX03"),
        column("trigger_loop_id", Kind.TEXT, "CTX04"),
        column("trigger_element", Kind.COUNT, "CTX05-1"),
        column("trigger_component", Kind.COUNT, "CTX05-2"),
    ),
    tags=("CTX",),
)

FUNCTIONAL_ACK = TransactionSet(
    code="997",
    title="Functional acknowledgement",
    loops=_LOOPS,
    summary=("AK9",),
    once=("AK1", "AK9"),
    records=(_ACK, _SET, _ERROR, _CONTEXT),
)

IMPLEMENTATION_ACK = TransactionSet(
    code="999",
    title="Implementation acknowledgement",
    loops=_LOOPS,
    summary=("AK9",),
    once=("AK1", "AK9"),
    records=(_ACK, _SET, _ERROR, _CONTEXT),
)
