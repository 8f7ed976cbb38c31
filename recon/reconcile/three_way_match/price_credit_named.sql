-- price_credit_named: what overpriced lines of credited groups bill too much, and what credits mend that name them.
--
-- grain     invoice_id, line_no
-- reads     group_credit, demand, line_price
-- held      no
-- params    none
-- money     dollars, positive; `credited` is the whole group's; `too_much` is rounded up to cents
-- rule      A price credit lowers price variance and takes no quantity. It mends the overpriced lines of the invoice it
--           refers to, in their order, each up to what it bills too much. (Specification 1.2 step 4.)
with credit as (
    select *
    from group_credit
    where kind = 'PRICE'
),

credited as (
    select
        group_no,
        cast(sum(amount) as decimal(38, 2)) as amount
    from credit
    group by group_no
),

referred as (
    select
        group_no,
        ref_invoice_id,
        cast(sum(amount) as decimal(38, 2)) as amount
    from credit
    where ref_invoice_id is not null
    group by group_no, ref_invoice_id
),

overpriced as (
    select
        demand.group_no,
        demand.invoice_id,
        demand.line_no,
        demand.invoice_date,
        credited.amount as credited,
        cast(
            cast(
                (
                    cast(demand.need * 1000000 as hugeint) * (price.p - price.po_p)
                    + price.k * 10000000000 - 1
                ) // (price.k * 10000000000)
                as decimal(32, 0)
            ) * 0.01
            as decimal(38, 2)
        ) as too_much
    from credited
    inner join demand on credited.group_no = demand.group_no
    inner join line_price as price on demand.invoice_id = price.invoice_id and demand.line_no = price.line_no
    where price.p > price.po_p
),

after_referred as (
    select
        line.*,
        least(
            line.too_much,
            greatest(
                cast(0 as decimal(38, 2)),
                coalesce(referred.amount, 0) - coalesce(
                    sum(line.too_much) over (
                        partition by line.group_no, line.invoice_id
                        order by line.line_no
                        rows between unbounded preceding and 1 preceding
                    ),
                    0
                )
            )
        ) as taken
    from overpriced as line
    left join referred
        on line.group_no = referred.group_no and line.invoice_id = referred.ref_invoice_id
)

select
    group_no,
    invoice_id,
    line_no,
    invoice_date,
    credited,
    too_much,
    cast(taken as decimal(38, 2)) as taken
from after_referred
