-- closing_document: of what was open the night before, the document that would have closed it by now.
--
-- grain     exception_key
-- reads     previous_exception, closing_kind, matched_line, billed_line, charge_line, allocated,
--           receipt_event, invoice, purchase_order, purchase_order_change
-- params    $as_of  DATE, later documents are not seen
-- money     none
-- rule      People ask why an exception is gone. exception.sql asks here for those that were not found again. Which
--           kinds of document can close which code is the rule table closing_kind; of those that may, the newest is
--           told:
--           VOID: the document itself was voided; it goes before all others. ORDER: the order that the line was now
--           found to be about. CHANGE: a change of the order line, dated on or after the day the exception was first
--           seen. RECEIPT: the receipt, or the use, that the line took; of a finding on an order line, what came for
--           it. RETURN: goods that went back. CREDIT: a credit of the line's group that names its invoice, or none; of
--           a charge, one of its order and kind. A price credit closes findings on prices only. (Specification 1.2 step
--           12; 1.4, closes when.)
with open_before as (
    select
        exception_key,
        code,
        invoice_id,
        line_no,
        po_id,
        po_line_no,
        first_seen
    from previous_exception
    where state <> 'AUTO_CLOSED'
),

may_close as (
    select
        open_before.*,
        closing_kind.kind
    from open_before
    inner join closing_kind on open_before.code = closing_kind.code
),

line as (
    select
        may_close.exception_key,
        may_close.code,
        may_close.kind,
        may_close.invoice_id,
        may_close.line_no,
        matched.group_no,
        matched.po_id
    from may_close
    inner join matched_line as matched
        on may_close.invoice_id = matched.invoice_id and may_close.line_no = matched.line_no
    where matched.group_no is not null
),

candidate as (
    select
        open_before.exception_key,
        'VOID' as kind,
        invoice.invoice_id as document,
        cast('9999-12-31' as date) as dated
    from open_before
    inner join invoice on open_before.invoice_id = invoice.invoice_id
    where invoice.status = 'VOID'
    union
    select
        line.exception_key,
        line.kind,
        header.po_id as document,
        header.order_date as dated
    from line
    inner join purchase_order as header on line.po_id = header.po_id
    where line.kind = 'ORDER'
    union
    select
        may_close.exception_key,
        may_close.kind,
        change.change_id as document,
        change.change_date as dated
    from may_close
    inner join purchase_order_change as change
        on
            may_close.po_id = change.po_id
            and (
                change.line_no = '*'
                or ltrim(upper(trim(change.line_no)), '0') = ltrim(upper(trim(may_close.po_line_no)), '0')
            )
    where may_close.kind = 'CHANGE' and change.change_date >= may_close.first_seen and change.change_date <= $as_of
    union
    select
        line.exception_key,
        line.kind,
        event.receipt_id as document,
        event.supply_date as dated
    from line
    inner join allocated on line.invoice_id = allocated.invoice_id and line.line_no = allocated.line_no
    inner join receipt_event as event on allocated.receipt_key = event.receipt_key
    where line.kind = 'RECEIPT'
    union
    -- What is said of an order line waits for what came of it, or went back.
    select
        may_close.exception_key,
        may_close.kind,
        event.receipt_id as document,
        event.supply_date as dated
    from may_close
    inner join receipt_event as event
        on may_close.po_id = event.po_id and may_close.po_line_no = event.po_line_no
    where
        (may_close.kind = 'RETURN' and event.qty < 0)
        or (may_close.kind = 'RECEIPT' and may_close.invoice_id is null and event.qty > 0)
    union
    select
        line.exception_key,
        line.kind,
        credit.invoice_id as document,
        credit.invoice_date as dated
    from line
    inner join matched_line as credit on line.group_no = credit.group_no
    where
        line.kind = 'CREDIT'
        and credit.is_credit
        and credit.code is null
        -- What an invoice takes back itself was there when the line was found.
        and credit.invoice_id <> line.invoice_id
        and coalesce(credit.ref_invoice_id, line.invoice_id) = line.invoice_id
        and (credit.adj_kind <> 'PRICE' or line.code in ('PRICE_OVER', 'UOM_SUSPECT', 'PRICE_ABOVE_CONTRACT'))
    union
    select
        may_close.exception_key,
        may_close.kind,
        credit.invoice_id as document,
        credit.invoice_date as dated
    from may_close
    inner join charge_line as charge
        on may_close.invoice_id = charge.invoice_id and may_close.line_no = charge.line_no
    inner join charge_line as taken_back
        on
            charge.po_id = taken_back.po_id
            -- Handling is freight.
            and replace(charge.line_type, 'HANDLING', 'FREIGHT') = replace(taken_back.line_type, 'HANDLING', 'FREIGHT')
    inner join billed_line as credit
        on taken_back.invoice_id = credit.invoice_id and taken_back.line_no = credit.line_no
    where
        may_close.kind = 'CREDIT'
        and credit.doc_type = 'CREDIT'
        and credit.amount < 0
        and taken_back.code is null
        and coalesce(credit.ref_invoice_id, charge.invoice_id) = charge.invoice_id
),

ranked as (
    select
        exception_key,
        kind,
        document,
        row_number() over (
            partition by exception_key
            order by dated desc nulls last, kind, document
        ) as place
    from candidate
)

select
    exception_key,
    kind,
    document
from ranked
where place = 1
