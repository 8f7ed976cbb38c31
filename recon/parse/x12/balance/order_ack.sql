-- order_ack: what an acknowledged order says it comes to, against its lines.
--
-- grain     transaction_no, for those that say it
-- reads     order_ack, order_ack_line
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
    from order_ack_line
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
    order_ack.source_record,
    order_ack.byte_offset,
    order_ack.total_amount as declared,
    coalesce(ordered.amount, 0) as found,
    order_ack.total_amount = coalesce(ordered.amount, 0) as agrees
from order_ack
left join ordered using (transaction_no)
where order_ack.total_amount is not null
order by all
