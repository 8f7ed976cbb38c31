-- line_detail: every invoice line, what became of it, and the amount the supplier stated.
--
-- grain     invoice_id, line_no
-- reads     invoice_line_result, invoice_line, invoice, purchase_order, supplier, item
-- params    none
-- money     DECIMAL, taken over unchanged
-- rule      billed is read from the document itself, so that the totals of the match have
--           something outside the match to tie out to. Of the lines that bill one kit the first has the
--           result of all; each of the others is IN_KIT, with what it bills and no result of its own
with in_kit as (
    select
        document_line.invoice_id,
        document_line.line_no,
        result.facility_id,
        result.supplier_id,
        document_line.line_type,
        result.po_id,
        result.po_line_no,
        result.currency,
        row_number() over (
            partition by document_line.invoice_id, document_line.line_no
            -- The nearest line before it that stands for more than itself.
            order by
                case when result.amount <> first_line.amount then 0 else 1 end,
                result.line_no desc
        ) as place
    from invoice_line as document_line
    left join invoice_line_result as own
        on document_line.invoice_id = own.invoice_id and document_line.line_no = own.line_no
    inner join invoice_line_result as result
        on document_line.invoice_id = result.invoice_id and document_line.line_no > result.line_no
    inner join invoice_line as first_line
        on result.invoice_id = first_line.invoice_id and result.line_no = first_line.line_no
    where own.invoice_id is null
),

told as (
    select
        invoice_id,
        line_no,
        facility_id,
        supplier_id,
        line_type,
        po_id,
        po_line_no,
        identity_tier,
        item_id,
        amount,
        supported,
        tolerated,
        held,
        routed,
        leak,
        currency,
        status
    from invoice_line_result
    union all
    select
        invoice_id,
        line_no,
        facility_id,
        supplier_id,
        coalesce(line_type, 'ITEM') as line_type,
        po_id,
        po_line_no,
        cast(null as varchar) as identity_tier,
        cast(null as varchar) as item_id,
        cast(0 as decimal(18, 2)) as amount,
        cast(0 as decimal(18, 2)) as supported,
        cast(0 as decimal(18, 2)) as tolerated,
        cast(0 as decimal(18, 2)) as held,
        cast(0 as decimal(18, 2)) as routed,
        cast(0 as decimal(18, 2)) as leak,
        currency,
        'IN_KIT' as status
    from in_kit
    where place = 1
)

select
    result.invoice_id,
    result.line_no,
    result.facility_id,
    result.supplier_id,
    supplier.name as supplier_name,
    invoice.invoice_number,
    coalesce(invoice.doc_type, 'INVOICE') as doc_type,
    invoice.invoice_date,
    result.line_type,
    purchase_order.po_number,
    result.po_line_no,
    result.identity_tier,
    coalesce(result.item_id, document_line.item_id) as item_id,
    item.description as item_description,
    document_line.qty as billed_qty,
    document_line.uom as billed_uom,
    document_line.price as billed_price,
    document_line.amount as billed,
    result.amount,
    result.supported,
    result.tolerated,
    result.held,
    result.routed,
    result.leak,
    result.currency,
    result.status
from told as result
left join invoice_line as document_line using (invoice_id, line_no)
left join invoice on result.invoice_id = invoice.invoice_id
left join purchase_order on result.po_id = purchase_order.po_id
left join supplier on result.supplier_id = supplier.supplier_id
left join item on coalesce(result.item_id, document_line.item_id) = item.item_id
order by result.invoice_id, result.line_no
