-- waterfall: where every billed dollar stands.
--
-- grain     currency, step_no
-- reads     line_detail
-- params    none
-- money     DECIMAL sums; the percentage is whole-number arithmetic, rounded once
-- rule      amount = supported + tolerated + held + routed (three-way match 1.2, step 9); what is
--           paid above contract is a separate measure, inside supported
with total as (
    select
        currency,
        count(*) as line_count,
        sum(amount) as amount,
        sum(supported) as supported,
        sum(tolerated) as tolerated,
        sum(held) as held,
        sum(routed) as routed,
        sum(leak) as leak
    from line_detail
    group by currency
),

told as (
    select
        part.step_no,
        part.step_name,
        total.currency,
        total.amount as billed,
        case when part.step_no = 1 then total.line_count end as line_count,
        case part.step_no
            when 1 then total.amount
            when 2 then total.supported
            when 3 then total.tolerated
            when 4 then total.held
            when 5 then total.routed
            when 6 then total.leak
        end as amount
    from total
    cross join (
        values
        (1, 'Billed on invoice lines'),
        (2, 'Supported by order and receipt'),
        (3, 'Tolerated: differs within tolerance'),
        (4, 'Held until an exception closes'),
        (5, 'Routed to approval: no order'),
        (6, 'For information: paid above contract')
    ) as part (step_no, step_name)
)

select
    currency,
    step_no,
    step_name,
    line_count,
    cast(amount as decimal(18, 2)) as amount,
    case
        when billed <> 0 and step_no < 6
            then to_cents(millionths(amount) * 100, millionths(billed))
    end as share_pct
from told
order by currency, step_no
