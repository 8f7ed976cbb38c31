-- orphan: lines whose document never arrived, or was refused, and documents of later days: the match cannot see them.
--
-- grain     what, document, line
-- reads     purchase_order, purchase_order_line, purchase_order_change, po_ack_line, shipment_line,
--           receipt_line, usage_line, invoice, invoice_line
-- params    $as_of  DATE, of receipts and use dated later no order line is looked for
-- money     none
-- rule      A receipt or a use without its order line, an order line without its order, an invoice line without
--           its invoice; a change, an acknowledgement or a shipment of a line that no order has. Nothing
--           is lost without a word: a warning each night names them.
--           What is dated more than a day after the business date waits for its date, and is named until then: its
--           year may be mistyped. A day is left to those who write in the evening, or in another time zone.
--           A document finds an order line as in the match: by its number without zeros in front (001 is 1), and
--           where two lines of the order bear that number, by the number as the order writes it.
with document as (
    select
        'receipt without its order line' as what,
        receipt_id as document,
        line_no as line,
        po_id,
        po_line_no
    from receipt_line
    where receipt_date <= $as_of
    union all
    select
        'use without its order line' as what,
        usage_id as document,
        cast(null as varchar) as line,
        po_id,
        po_line_no
    from usage_line
    where case_date <= $as_of
    union all
    select
        'change without its order line' as what,
        change_id as document,
        line_no as line,
        po_id,
        line_no as po_line_no
    from purchase_order_change
    where line_no <> '*'
    union all
    select
        'acknowledgement without its order line' as what,
        po_id as document,
        line_no as line,
        po_id,
        line_no as po_line_no
    from po_ack_line
    union all
    select
        'shipment without its order line' as what,
        shipment_id as document,
        cast(line_no as varchar) as line,
        po_id,
        po_line_no
    from shipment_line
    where coalesce(status, 'SHIPPED') <> 'CANCELLED'
),

numbered as (
    select
        po_id,
        ltrim(upper(trim(line_no)), '0') as line_no_norm,
        count(*) as lines
    from purchase_order_line
    group by po_id, ltrim(upper(trim(line_no)), '0')
),

found as (
    select
        document.what,
        document.document,
        document.line
    from document
    left join numbered
        on
            document.po_id = numbered.po_id
            and ltrim(upper(trim(document.po_line_no)), '0') = numbered.line_no_norm
    left join purchase_order_line as line
        on document.po_id = line.po_id and document.po_line_no = line.line_no and numbered.lines > 1
    where numbered.po_id is null or (numbered.lines > 1 and line.po_id is null)
    union all
    select
        'receipt dated after the business date' as what,
        receipt_id as document,
        line_no as line
    from receipt_line
    where receipt_date > $as_of + 1
    union all
    select
        'use dated after the business date' as what,
        usage_id as document,
        cast(null as varchar) as line
    from usage_line
    where case_date > $as_of + 1
    union all
    select
        'order dated after the business date' as what,
        po_id as document,
        cast(null as varchar) as line
    from purchase_order
    where order_date > $as_of + 1
    union all
    select
        'invoice dated after the business date' as what,
        invoice_id as document,
        cast(null as varchar) as line
    from invoice
    where invoice_date > $as_of + 1
    union all
    select
        'order line without its order' as what,
        line.po_id as document,
        line.line_no as line
    from purchase_order_line as line
    left join purchase_order as header on line.po_id = header.po_id
    where header.po_id is null
    union all
    select
        'invoice line without its invoice' as what,
        line.invoice_id as document,
        cast(line.line_no as varchar) as line
    from invoice_line as line
    left join invoice as header on line.invoice_id = header.invoice_id
    where header.invoice_id is null
    union all
    select
        'change without its order line' as what,
        change.change_id as document,
        change.line_no as line
    from purchase_order_change as change
    left join purchase_order as header on change.po_id = header.po_id
    where header.po_id is null
)

select distinct
    what,
    document,
    line
from found
order by all
