"""The planted stories: what each must lead to, night by night, in dollars worked out by hand.

Every draw takes its lowest value here and every choice the first, so that each story is the same
small case: item A costs $10.00 each, ten to a box, forty to a case, and four are ordered.
"""

from datetime import date
from typing import ClassVar

import pytest

from recon.sample import answer_key
from recon.sample.book import Book
from recon.sample.chance import Chance
from recon.sample.documents import numbered
from recon.sample.network import Item, Kit, Network
from recon.sample.stories import (
    STORIES,
    bad_input,
    charges,
    duplicates,
    exchange,
    identity,
    implants,
    price,
    quantity,
)

MONDAY = date(2026, 3, 2)


class Lowest(Chance):
    """Draws the lowest number and the first choice."""

    def stream(self, name):
        return Lowest(self.seed, name)

    def one(self, low, high):
        assert low <= high
        return low


class Made(Book):
    """A book of one network of a few items, told from night 1."""

    supplier_of: ClassVar = [
        *("S0001", "S0001", "S0009", "S0009", "S0046", "S0001", "S0001"),
        *("S0003", "S0002", "S0005", "S0001"),  # of what partners exchange
        "S0009",  # the kit
    ]

    role_of: ClassVar = {
        5: "lapsed",
        6: "unlisted",
        8: "catalogued",
        9: "catalogued",
        11: "kit",
    }

    def __init__(self, nights=5):
        items = [
            Item(
                index=n,
                id=f"I{n}",
                description="a thing",
                category="MEDSURG",
                supplier=supplier,
                catalog_no=f"AB1000{n}C",
                gtin="00899990000010",
                units={"EA": 1, "BX": 10, "CA": 40},
                base="EA",
                each=300_000 if n == 11 else 100_000,
                contract=n in (1, 3),
                fine=False,
                role=self.role_of.get(n, ""),
            )
            for n, supplier in enumerate(self.supplier_of)
        ]
        kit = Kit(items[11], ((items[2], 1), (items[3], 2)))
        super().__init__(Network(tuple(items), (), (kit,)), Lowest(1, "test"), nights, MONDAY)

    def told(self, story):
        """(night, state, code, line, dollars) of every expected exception."""
        self.story = story.__name__
        story(self, 1)
        invoices = numbered(self.documents().invoice, MONDAY)
        rows = answer_key.expected(self, invoices)
        nights = (rows["business_date"] - MONDAY).dt.total_days() + 1
        return list(
            zip(nights, *(rows[c] for c in ("state", "code", "line_no", "impact")), strict=True)
        )


def opened(code, line, dollars, first=1, last=5):
    return [(night, "OPEN", code, line, dollars) for night in range(first, last + 1)]


def closed(code, line, dollars, night):
    return [(night, "AUTO_CLOSED", code, line, dollars)]


BY_HAND = {
    # 4 x $10.00 billed, nothing received until night 2.
    quantity.billed_before_receipt: [
        *opened("QTY_NOT_RECEIVED", 1, "40.00", 1, 1),
        *closed("QTY_NOT_RECEIVED", 1, "40.00", 2),
    ],
    # 9 ordered and billed; 3 come, then 2, then 4: 6 and then 4 are missing.
    quantity.received_in_instalments: [
        *opened("QTY_NOT_RECEIVED", 1, "60.00", 1, 1),
        *opened("QTY_NOT_RECEIVED", 1, "40.00", 2, 2),
        *closed("QTY_NOT_RECEIVED", 1, "40.00", 3),
    ],
    # 1 of 4 goes back on night 2, credited on night 3.
    quantity.returned_then_credited: [
        *opened("RECEIPT_REVERSED", 1, "10.00", 2, 2),
        *closed("RECEIPT_REVERSED", 1, "10.00", 3),
    ],
    quantity.receipt_reversed: opened("RECEIPT_REVERSED", 1, "40.00", 2),
    # 5 billed on an order of 4, of which 4 came.
    quantity.billed_more_than_ordered: opened("QTY_OVER_BILLED", 1, "10.00"),
    # 5 came and were billed on an order of 4.
    quantity.overshipped_and_billed: [
        *opened("QTY_OVER_ORDERED", 1, "10.00"),
        *opened("OVER_RECEIPT", None, "10.00"),
    ],
    quantity.overshipped_then_order_raised: [
        *opened("QTY_OVER_ORDERED", 1, "10.00", 1, 2),
        *opened("OVER_RECEIPT", None, "10.00", 1, 2),
        *closed("QTY_OVER_ORDERED", 1, "10.00", 3),
        *closed("OVER_RECEIPT", None, "10.00", 3),
    ],
    quantity.billed_again_under_new_number: opened("QTY_OVER_BILLED", 1, "40.00", 2),
    quantity.credited_then_returned: [
        *opened("CREDIT_NO_RETURN", 1, "10.00", 2, 3),
        *closed("CREDIT_NO_RETURN", 1, "10.00", 4),
    ],
    quantity.returned_and_credited_at_once: [],
    quantity.many_receipts_many_invoices: [],
    quantity.boxes_received_and_billed_in_eaches: [],
    # 6 % of $10.00 rounds up to $1.00 more: 4 x $1.00.
    price.price_over: opened("PRICE_OVER", 1, "4.00"),
    # 120 x $30.00, billed at $30.30.
    price.small_percent_large_amount: opened("PRICE_OVER", 1, "36.00"),
    price.within_tolerance: [],
    price.at_two_percent: [],
    price.price_credited: [
        *opened("PRICE_OVER", 1, "4.00", 1, 1),
        *closed("PRICE_OVER", 1, "4.00", 2),
        *opened("PRICE_RESOLVED_BY_CREDIT", 1, "0.00", 2),
    ],
    price.order_corrected: [
        *opened("PRICE_OVER", 1, "4.00", 1, 2),
        *closed("PRICE_OVER", 1, "4.00", 3),
    ],
    price.price_under: opened("PRICE_UNDER", 1, "-4.00"),
    # 5 billed at $11.00, 4 received: 1 x $11.00 and 4 x $1.00, then 5 x $1.00.
    price.price_and_quantity: [
        *opened("QTY_NOT_RECEIVED", 1, "11.00", 1, 1),
        *opened("PRICE_OVER", 1, "4.00", 1, 1),
        *closed("QTY_NOT_RECEIVED", 1, "11.00", 2),
        *opened("PRICE_OVER", 1, "5.00", 2),
    ],
    # Ordered at $9.00, billed at the contract's $10.00.
    price.order_price_stale: opened("PRICE_PO_STALE", 1, "4.00"),
    # Ordered and billed at $11.00 against a contract of $10.00.
    price.above_contract: opened("PRICE_ABOVE_CONTRACT", 1, "4.00"),
    # Ordered free, billed at $3.00.
    price.free_goods_billed: opened("PRICE_OVER", 1, "12.00"),
    price.contract_lapsed: opened("CONTRACT_EXPIRED", 1, "0.00"),
    price.contract_loaded_late: [
        *opened("CONTRACT_NOT_LOADED", 1, "0.00", 1, 3),
        *closed("CONTRACT_NOT_LOADED", 1, "0.00", 4),
    ],
    # 4 cases of $400.00 ordered; 4 eaches billed at $400.00 instead of $10.00: 4 x $390.00.
    price.case_price_per_each: opened("UOM_SUSPECT", 1, "1560.00"),
    # One dozen at $120.00.
    price.unit_unknown: opened("UOM_NO_CONVERSION", 1, "120.00"),
    price.unit_loaded_late: [
        *opened("UOM_NO_CONVERSION", 1, "120.00", 1, 3),
        *closed("UOM_NO_CONVERSION", 1, "120.00", 4),
    ],
    # Two lines of 4 x $10.00.
    duplicates.sent_twice: [
        *opened("DUP_EXACT", 1, "40.00", 2),
        *opened("DUP_EXACT", 2, "40.00", 2),
    ],
    duplicates.sent_by_sister: opened("DUP_EXACT", 1, "40.00", 2),
    duplicates.number_varied: [
        *opened("DUP_PROBABLE", 1, "40.00", 2),
        *opened("DUP_PROBABLE", 2, "40.00", 2),
    ],
    duplicates.number_reused: opened("INV_NUMBER_REUSED", None, "0.00", 2),
    duplicates.same_total_same_day: opened("DUP_POSSIBLE", None, "0.00"),
    duplicates.alike_but_lawful: [],
    # 2 x $10.00.
    identity.no_order: opened("NO_PO", 1, "20.00"),
    identity.utility_bill: opened("NON_PO_ROUTED", 1, "0.00"),
    identity.order_not_found: opened("PO_NOT_FOUND", 1, "20.00"),
    identity.order_after_the_fact: [
        *opened("PO_NOT_FOUND", 1, "40.00", 1, 1),
        *closed("PO_NOT_FOUND", 1, "40.00", 2),
        *opened("AFTER_THE_FACT_PO", None, "0.00", 2),
    ],
    identity.line_not_found: opened("PO_LINE_NOT_FOUND", 1, "20.00"),
    identity.other_item: opened("ITEM_MISMATCH", 1, "20.00"),
    identity.line_cancelled: opened("PO_LINE_CANCELLED", 1, "40.00"),
    identity.other_supplier: opened("SUPPLIER_MISMATCH", 1, "20.00"),
    identity.other_currency: opened("CURRENCY_MISMATCH", 1, "40.00"),
    identity.paid_on_receipt: opened("ERS_INVOICE_RECEIVED", 1, "40.00"),
    identity.blanket_expired: opened("BLANKET_EXPIRED", 1, "40.00"),
    # 10 billed at $30.00 on lines of $20.00 and $40.00.
    identity.two_lines_neither_fits: opened("PO_LINE_AMBIGUOUS", 1, "300.00"),
    identity.two_lines_alike: [],
    identity.wrong_line_right_item: [],
    identity.kit_billed_in_parts: [],
    # 4 kits, each with one of the $10.00 part that is billed.
    identity.kit_without_a_part: opened("PO_LINE_NOT_FOUND", 1, "40.00"),
    identity.one_number_two_hospitals: [],
    identity.credit_of_nothing: opened("CREDIT_UNLINKED", 1, "-10.00"),
    charges.freight_not_agreed: opened("FREIGHT_UNAUTHORISED", 2, "12.00"),
    # $80.00 of freight with a cap of $75.00.
    charges.freight_over_cap: opened("FREIGHT_OVER_CAP", 2, "5.00"),
    charges.freight_within_cap: [],
    charges.tax_on_exempt: opened("TAX_ON_EXEMPT", 2, "8.00"),
    charges.tax_where_due: [],
    charges.surcharge: opened("SURCHARGE_UNAUTHORISED", 2, "6.00"),
    charges.unknown_charge: opened("CHARGE_UNCLASSIFIED", 2, "6.00"),
    charges.tax_and_freight: [
        *opened("TAX_ON_EXEMPT", 2, "8.00"),
        *opened("FREIGHT_UNAUTHORISED", 3, "12.00"),
    ],
    charges.line_arithmetic: opened("LINE_MATH", 1, "1.50"),
    charges.out_of_balance: opened("INVOICE_OUT_OF_BALANCE", None, "1.50"),
    # 2 % of $40.00.
    charges.discount_behind_missing_receipt: [
        *opened("QTY_NOT_RECEIVED", 1, "40.00", 1, 1),
        *opened("DISCOUNT_AT_RISK", None, "0.80", 1, 1),
        *closed("QTY_NOT_RECEIVED", 1, "40.00", 2),
        *closed("DISCOUNT_AT_RISK", None, "0.80", 2),
    ],
    charges.discount_runs_out: [
        *opened("QTY_NOT_RECEIVED", 1, "40.00"),
        *opened("DISCOUNT_AT_RISK", None, "0.80", 1, 2),
        *closed("DISCOUNT_AT_RISK", None, "0.80", 3),
        *opened("DISCOUNT_LOST", None, "0.80", 3),
    ],
    charges.discount_of_clean_invoice: [],
    exchange.acknowledged_as_ordered: [],
    # 4 acknowledged at $11.00 instead of $10.00.
    exchange.price_acknowledged_then_corrected: [
        *opened("ACK_PRICE_CHANGED", None, "4.00", 1, 1),
        *closed("ACK_PRICE_CHANGED", None, "4.00", 2),
    ],
    exchange.price_acknowledged_then_billed: [
        *opened("ACK_PRICE_CHANGED", None, "4.00", 1, 1),
        *closed("ACK_PRICE_CHANGED", None, "4.00", 2),
        *opened("PRICE_OVER", 1, "4.00", 2),
    ],
    # 3 of 4 acknowledged: $10.00 less will be billed.
    exchange.quantity_acknowledged: [
        *opened("ACK_QTY_CHANGED", None, "-10.00", 1, 1),
        *closed("ACK_QTY_CHANGED", None, "-10.00", 2),
    ],
    exchange.substitute_acknowledged: [
        *opened("ACK_SUBSTITUTED", None, "0.00", 1, 1),
        *closed("ACK_SUBSTITUTED", None, "0.00", 2),
        *opened("SUBSTITUTE_ACKNOWLEDGED", 1, "0.00", 2),
    ],
    exchange.back_ordered: [
        *opened("ACK_BACKORDER", None, "0.00", 1, 2),
        *closed("ACK_BACKORDER", None, "0.00", 3),
    ],
    exchange.back_ordered_then_accepted: [
        *opened("ACK_BACKORDER", None, "0.00", 1, 1),
        *closed("ACK_BACKORDER", None, "0.00", 2),
    ],
    # The second line, 4 x $10.00, will not be billed.
    exchange.rejected_then_taken_out: [
        *opened("ACK_REJECTED", None, "-40.00", 1, 1),
        *closed("ACK_REJECTED", None, "-40.00", 2),
    ],
    exchange.quantity_changed_in_time: [],
    exchange.price_changed_after_the_bill: [
        *opened("PRICE_OVER", 2, "4.00", 1, 1),
        *closed("PRICE_OVER", 2, "4.00", 2),
    ],
    exchange.changed_on_the_night_it_was_placed: [],
    exchange.taken_out_and_billed: opened("PO_LINE_CANCELLED", 2, "40.00", 3),
    exchange.shipped_and_received: [],
    exchange.shipped_and_lost: [],
    exchange.notice_with_wrong_count: [],
    exchange.notice_in_nothing: [],
    exchange.price_raised_by_catalogue: opened("PRICE_PO_STALE", 1, "4.00", 2),
    exchange.price_cut_by_catalogue: opened("PRICE_ABOVE_CONTRACT", 1, "4.00", 2),
    exchange.case_holds_another_number: [],
    exchange.billed_by_the_gtin_of_a_case: [],
    exchange.paid_in_full: [],
    exchange.paid_with_discount: [],
    exchange.paid_short: [],
    exchange.paid_what_is_not_held: opened("PRICE_OVER", 1, "4.00"),
    exchange.paid_although_held: opened("PRICE_OVER", 1, "4.00"),
    exchange.paid_of_no_invoice: [],
    # 4 x $10.00 billed a second time, on night 3.
    exchange.paid_keeps_its_receipt: opened("QTY_OVER_BILLED", 1, "40.00", 3),
    # 3 of 4 x $10.00 passed inspection.
    quantity.received_not_accepted: opened("QTY_NOT_ACCEPTED", 1, "10.00"),
    # 3 x $10.00 billed, 2 x $10.00 confirmed.
    quantity.service_confirmed_late: [
        *opened("AMT_NOT_RECEIVED", 1, "10.00", 1, 1),
        *closed("AMT_NOT_RECEIVED", 1, "10.00", 2),
    ],
    # A limit of $60.00: $50.00 and $30.00 are billed.
    quantity.blanket_beyond_its_limit: opened("AMT_OVER_ORDERED", 1, "20.00"),
    # 5 credited of 4 billed.
    quantity.credited_beyond_the_bill: opened("CREDIT_EXCEEDS_INVOICED", 1, "-10.00", 2),
    implants.used_and_billed: [],
    implants.documented_late: [
        *opened("BILL_ONLY_NO_USAGE", 1, "10.00", 1, 1),
        *closed("BILL_ONLY_NO_USAGE", 1, "10.00", 2),
    ],
    implants.other_lot_billed: opened("BILL_ONLY_LOT_MISMATCH", 1, "10.00"),
    bad_input.wrong_segment_count: [],
    bad_input.unknown_sender: [],
    bad_input.unreadable_portal_quantity: [],
    bad_input.unreadable_order_quantity: [],
    bad_input.wrong_trailer: [
        *opened("QTY_NOT_RECEIVED", 1, "40.00", 1, 1) * 3,
        *closed("QTY_NOT_RECEIVED", 1, "40.00", 2) * 3,
    ],
}


@pytest.mark.parametrize("story", BY_HAND, ids=lambda s: s.__name__.replace("_", "-"))
def test_a_story_must_lead_to(story):
    # the order of rows within the key is its own affair
    assert sorted(map(str, Made().told(story))) == sorted(map(str, BY_HAND[story]))


def test_a_story_that_is_cut_short_expects_nothing_of_nights_that_are_not_there():
    assert Made(nights=1).told(quantity.billed_before_receipt) == opened(
        "QTY_NOT_RECEIVED", 1, "40.00", 1, 1
    )


# Status, paid, still owed, paid beyond what is payable: of an invoice of $40.00, paid on night 2.
PAID = {
    exchange.paid_in_full: ("IN_FULL", 4_000, 0, 0),
    exchange.paid_with_discount: ("IN_FULL", 3_920, 0, 0),  # 2 % are $0.80
    exchange.paid_short: ("SHORT", 3_500, 500, 0),
    exchange.paid_what_is_not_held: ("ADJUSTED", 4_000, 0, 0),  # $44.00 billed, $4.00 held
    exchange.paid_although_held: ("IN_FULL", 4_400, 0, 400),
    exchange.paid_of_no_invoice: ("NOT_FOUND", 4_000, None, None),
    exchange.paid_keeps_its_receipt: ("IN_FULL", 4_000, 0, 0),
}


@pytest.mark.parametrize("story", PAID, ids=lambda s: s.__name__.replace("_", "-"))
def test_a_payment_must_be_told(story):
    book = Made()
    book.told(story)
    (paid,) = book.exchanged.paid
    assert (paid.status, paid.paid, paid.difference, paid.beyond) == PAID[story]
    assert paid.first == 2


def test_a_lost_shipment_is_missed_on_the_third_night_after_it_should_have_come():
    book = Made()
    book.told(exchange.shipped_and_lost)
    (found,) = book.exchanged.announced
    assert (found.what, found.first) == ("shipped, not received", 4)
    assert found.document.startswith("COPPERLEAF-SH")


def test_a_catalogue_that_fills_its_cases_otherwise_is_told_from_its_night_on():
    book = Made()
    book.told(exchange.case_holds_another_number)
    assert [(f.document, f.line, f.first) for f in book.exchanged.announced] == [
        ("S0002 AB10008C", "BX", 1),
        ("S0002 AB10008C", "EA", 1),
    ]


def test_a_draft_receipt_supplies_nothing():
    told = Made().told(quantity.draft_receipt)
    assert told[0] == (1, "OPEN", "QTY_NOT_RECEIVED", 1, "40.00")
    assert told[-1] == (2, "AUTO_CLOSED", "QTY_NOT_RECEIVED", 1, "40.00")


def test_the_typed_copy_of_an_edi_invoice_sorts_after_it():
    book = Made()
    book.told(duplicates.sent_by_other_channel)
    ids = numbered(book.documents().invoice, MONDAY).sort("doc")["invoice_id"].to_list()
    assert ids == ["ALDERFINCH-000000001-0001", "WEB-260303-000001"]


def test_stories_that_are_planted_are_worked_out_here():
    elsewhere = {
        quantity.draft_receipt,
        duplicates.sent_by_other_channel,
        price.contract_not_begun,  # as contract_lapsed, with another code
        price.contract_not_loaded,  # as contract_loaded_late, never loaded
    }
    assert {story for story, _, _ in STORIES} == set(BY_HAND) | elsewhere
