-- price_variance: billed price against order price on the whole billed quantity.
--
-- grain     invoice_id, line_no
-- reads     invoice_line, invoice_line_result, purchase_order_line, item_uom
-- params    none
-- money     whole numbers of millionths (HUGEINT), rounded once to the cent: no division of
--           decimals, so nothing falls to DOUBLE. Numbers beyond 38 digits give NULL, not a guess
-- rule      the order price is restated in the invoice's unit as a fraction, so unlike units compare
with priced as (
    select
        billed_line.invoice_id,
        billed_line.line_no,
        millionths(billed_line.qty) as qty,
        millionths(billed_line.price) as price,
        millionths(order_line.price) * 1000000
        * case when billed_line.uom = order_line.uom then 1 else billed.to_base_num * ordered.to_base_den end
            as order_price,
        millionths(coalesce(order_line.price_per, 1))
        * case when billed_line.uom = order_line.uom then 1 else billed.to_base_den * ordered.to_base_num end
            as order_price_per
    from invoice_line_result as result
    inner join invoice_line as billed_line using (invoice_id, line_no)
    inner join purchase_order_line as order_line
        on result.po_id = order_line.po_id and result.po_line_no = order_line.line_no
    left join item_uom as billed
        on order_line.item_id = billed.item_id and billed_line.uom = billed.uom
    left join item_uom as ordered
        on order_line.item_id = ordered.item_id and order_line.uom = ordered.uom
)

select
    invoice_id,
    line_no,
    try(to_cents(
        qty * (price * order_price_per - order_price), order_price_per * 1000000000000
    )) as variance,
    case
        when order_price > 0
            then try(to_cents(100 * (price * order_price_per - order_price), order_price))
    end as variance_pct
from priced
where qty is not null and price is not null and order_price is not null and order_price_per > 0
order by all
