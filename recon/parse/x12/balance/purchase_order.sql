-- purchase_order: what an order says it comes to, against its lines.
--
-- grain     transaction_no, for those that say it
-- reads     purchase_order, purchase_order_line
-- params    none
-- money     Exact: a line is rounded once, to the cent, half away from zero (`line_amount`). PO105 may
--           say that a price is for ten, a dozen, a hundred ... pieces.
-- rule      AMT*TT is the sum of the lines; charges, allowances and taxes of an order
--           are estimates and not part of it.
with ordered as (
    select
        transaction_no,
        sum(line_amount(qty, price, price_basis)) as amount
    from purchase_order_line
    group by transaction_no
)

select
    'AMT*TT' as control,
    transaction_no,
    purchase_order.source_record,
    purchase_order.byte_offset,
    purchase_order.total_amount as declared,
    coalesce(ordered.amount, 0) as found,
    purchase_order.total_amount = coalesce(ordered.amount, 0) as agrees
from purchase_order
left join ordered using (transaction_no)
where purchase_order.total_amount is not null
order by all
