-- credit_line: of each quantity credit: what it credits beyond what was billed, and beyond what went back.
--
-- grain     invoice_id, line_no
-- reads     matched_line, demand, supply, allocated, receipt_layer
-- params    none
-- money     each amount rounded once to cents, half away from zero; what does not multiply out is no part
--           of what exceeds
-- rule      The credits of a match group are laid end to end by date. What reaches beyond everything billed exceeds it
--           (CREDIT_EXCEEDS_INVOICED): there is nothing left that it could credit.
--           Of the rest, what reaches beyond the goods that went back, while goods stay received and not billed, is a
--           credit without a return (CREDIT_NO_RETURN): the supplier will want them back. A shortage credit is for
--           goods that never came, and one on an amount basis for no goods: neither awaits a return. (Specification 1.2
--           step 4; 1.4; 1.8 invariant 5.)
with credit as (
    select
        invoice_id,
        line_no,
        group_no,
        invoice_date,
        amount,
        price,
        price_shares,
        match_basis,
        adj_kind,
        measure,
        residual,
        sum(measure) over (
            partition by group_no
            order by invoice_date, invoice_id, line_no
            rows between unbounded preceding and current row
        ) as hi
    from matched_line
    where code is null and is_credit and adj_kind <> 'PRICE' and measure > 0
),

credited as (
    select distinct group_no
    from credit
),

billed as (
    select
        demand.group_no,
        cast(sum(demand.billed) as decimal(38, 6)) as measure
    from demand
    inner join credited on demand.group_no = credited.group_no
    group by demand.group_no
),

offered as (
    select
        supply.group_no,
        cast(sum(supply.offered) as decimal(38, 6)) as measure
    from supply
    inner join credited on supply.group_no = credited.group_no
    group by supply.group_no
),

consumed as (
    select
        allocated.group_no,
        cast(sum(allocated.qty) as decimal(38, 6)) as measure
    from allocated
    inner join credited on allocated.group_no = credited.group_no
    group by allocated.group_no
),

went_back as (
    select
        group_no,
        cast(sum(gross - received) as decimal(38, 6)) as measure
    from receipt_layer
    where received < gross
    group by group_no
),

placed as (
    select
        credit.*,
        greatest(
            cast(0 as decimal(38, 6)), least(credit.measure, credit.hi - coalesce(billed.measure, 0))
        ) as beyond,
        coalesce(went_back.measure, 0) as went_back,
        coalesce(offered.measure, 0) - coalesce(consumed.measure, 0) as surplus
    from credit
    left join billed on credit.group_no = billed.group_no
    left join offered on credit.group_no = offered.group_no
    left join consumed on credit.group_no = consumed.group_no
    left join went_back on credit.group_no = went_back.group_no
),

-- What exceeds takes nothing back that was billed: no goods are awaited for it.
awaiting as (
    select
        placed.*,
        case
            when adj_kind = 'SHORTAGE' or match_basis = 'AMOUNT' then cast(0 as decimal(38, 6))
            else cast(measure - beyond as decimal(38, 6))
        end as returnable
    from placed
),

in_turn as (
    select
        awaiting.*,
        sum(returnable) over (
            partition by group_no
            order by invoice_date, invoice_id, line_no
            rows between unbounded preceding and current row
        ) as returnable_hi
    from awaiting
),

missing as (
    select
        in_turn.*,
        greatest(
            cast(0 as decimal(38, 6)),
            least(returnable_hi, went_back + surplus)
            - greatest(returnable_hi - returnable, went_back)
        ) as unreturned
    from in_turn
)

select
    invoice_id,
    line_no,
    case
        when beyond = 0 then cast(0 as decimal(18, 2))
        when beyond = measure then cast(amount - residual as decimal(18, 2))
        when match_basis = 'AMOUNT' then cast(-beyond as decimal(18, 2))
        else
            cast(
                -cast(
                    (
                        cast(beyond * 1000000 as hugeint) * cast(abs(price) * 1000000 as hugeint) * 2
                        + cast(price_shares as hugeint) * 10000000000
                    ) // (cast(price_shares as hugeint) * 20000000000)
                    as decimal(32, 0)
                ) * 0.01
                as decimal(18, 2)
            )
    end as exceeding,
    case
        when unreturned = 0 then cast(0 as decimal(18, 2))
        when unreturned = measure then -amount
        else
            cast(
                cast(
                    (
                        cast(unreturned * 1000000 as hugeint) * cast(abs(price) * 1000000 as hugeint) * 2
                        + cast(price_shares as hugeint) * 10000000000
                    ) // (cast(price_shares as hugeint) * 20000000000)
                    as decimal(32, 0)
                ) * 0.01
                as decimal(18, 2)
            )
    end as unreturned_amount
from missing
