-- currency_kept: every amount is in its document's currency, and no receipt pays another currency's line.
--
-- grain     what, document, line
-- reads     invoice_line_result, exception, rni, allocation, invoice, purchase_order,
--           purchase_order_line, supplier
-- params    none
-- money     none is added up here; expected and found count rows
-- rule      Three-way match 1.8, invariant 9: amounts of different currencies are never summed.
with billed_in as (
    select
        invoice.invoice_id,
        coalesce(invoice.currency, supplier.currency, 'USD') as currency
    from invoice
    left join supplier on invoice.supplier_id = supplier.supplier_id
),

ordered_in as (
    select
        line.po_id,
        line.line_no as po_line_no,
        coalesce(line.currency, header.currency, supplier.currency, 'USD') as currency
    from purchase_order_line as line
    inner join purchase_order as header on line.po_id = header.po_id
    left join supplier on header.supplier_id = supplier.supplier_id
),

mixed as (
    select
        'a result is not in the currency of its invoice' as what,
        line.invoice_id as document,
        cast(line.line_no as varchar) as line
    from invoice_line_result as line
    left join billed_in on line.invoice_id = billed_in.invoice_id
    where line.currency is distinct from billed_in.currency
    union all
    select
        'an exception is not in the currency of its invoice' as what,
        exception.invoice_id as document,
        exception.code as line
    from exception
    inner join billed_in on exception.invoice_id = billed_in.invoice_id
    where exception.state <> 'AUTO_CLOSED' and exception.currency <> billed_in.currency
    union all
    select
        'what is received and not invoiced is not in the currency of its order' as what,
        rni.receipt_key as document,
        rni.po_line_no as line
    from rni
    left join ordered_in on rni.po_id = ordered_in.po_id and rni.po_line_no = ordered_in.po_line_no
    where rni.currency is distinct from ordered_in.currency
    union all
    select
        'a line consumes a receipt of another currency' as what,
        allocation.invoice_id as document,
        cast(allocation.line_no as varchar) as line
    from allocation
    inner join invoice_line_result as line
        on allocation.invoice_id = line.invoice_id and allocation.line_no = line.line_no
    inner join ordered_in on line.po_id = ordered_in.po_id and line.po_line_no = ordered_in.po_line_no
    where line.currency <> ordered_in.currency
)

select
    what,
    document,
    line,
    cast(0 as decimal(38, 6)) as expected,
    cast(count(*) as decimal(38, 6)) as found
from mixed
group by what, document, line
order by all
