-- purchase_order: what an order says it comes to, against its lines.
--
-- grain     transaction_no, for those that say it
-- reads     purchase_order, purchase_order_line
-- params    none
-- money     Exact. Quantity times price is a whole number of millionths of millionths, rounded once a
--           line, to the cent, half away from zero. PO105 may say that a price is for ten, a dozen,
--           a hundred ... pieces.
-- rule      AMT*TT is the sum of the lines; charges, allowances and taxes of an order
--           are estimates and not part of it.
with line as (
    select
        transaction_no,
        cast(cast(coalesce(qty, 0) as decimal(38, 6)) * 1000000 as hugeint)
        * cast(cast(coalesce(price, 0) as decimal(38, 6)) * 1000000 as hugeint) as extended,
        cast(10000000000 as hugeint) * case
            when price_basis = 'PN' then 10
            when price_basis in ('PD', 'LD', 'RD', 'TD', 'WD') then 12
            when price_basis in ('HP', 'LC', 'QH', 'RC', 'TC', 'WC') then 100
            when price_basis in ('TP', 'LM', 'QS', 'RM', 'TM', 'WM') then 1000
            when price_basis = 'TT' then 10000
            when price_basis = 'HT' then 100000
            else 1
        end as cent
    from purchase_order_line
),

ordered as (
    select
        transaction_no,
        sum(sign(extended) * ((2 * abs(extended) + cent) // (2 * cent))) * 0.01 as amount
    from line
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
