-- line_region: need of lines in short groups, as A ordered and received, B ordered only, C received only, D neither.
--
-- grain     invoice_id, line_no
-- reads     demand, allocated, group_balance, receipt_layer, matched_line
-- params    none
-- money     none: quantities (dollars on an amount basis)
-- rule      The needs of a group are laid end to end, paid first, then by date, invoice and line; a line's need lies
--           from lo to hi, and m of it is allocated. What lies beyond the quantity ordered is over = max(0, hi -
--           max(lo, ordered)). Then C = min(over, max(0, m - max(0, min(hi, ordered) - lo))), A = m - C, D = min(need -
--           m, over - C), B = need - m - D: four parts that add up to the need.
--           Why B is missing decides who must act: it is put down first to goods that went back and are not credited
--           yet, then to goods that were not accepted, the rest to goods that never came. (Specification 1.2 step 6;
--           1.4.)
with group_short as (
    select group_no
    from group_balance
    where is_short
),

short_allocated as (
    select
        allocated.invoice_id,
        allocated.line_no,
        allocated.qty
    from allocated
    inner join group_short on allocated.group_no = group_short.group_no
),

matched as (
    select
        invoice_id,
        line_no,
        cast(sum(qty) as decimal(38, 6)) as qty
    from short_allocated
    group by invoice_id, line_no
),

axis as (
    select
        demand.*,
        cast(
            sum(demand.need) over (
                partition by demand.group_no
                order by
                    case when demand.is_paid then 0 else 1 end, demand.invoice_date, demand.invoice_id, demand.line_no
                rows between unbounded preceding and current row
            ) as decimal(38, 6)
        ) as hi
    from demand
    inner join group_short on demand.group_no = group_short.group_no
),

placed as (
    select
        demand.invoice_id,
        demand.line_no,
        demand.group_no,
        demand.is_paid,
        demand.invoice_date,
        demand.need,
        demand.hi - demand.need as lo,
        demand.hi,
        demand.ordered,
        case when demand.match_type = '2WAY' then demand.need else coalesce(matched.qty, 0) end as m
    from axis as demand
    left join matched on demand.invoice_id = matched.invoice_id and demand.line_no = matched.line_no
),

over as (
    select
        placed.*,
        greatest(cast(0 as decimal(38, 6)), hi - greatest(lo, ordered)) as beyond
    from placed
),

received_beyond as (
    select
        over.*,
        least(
            beyond,
            greatest(
                cast(0 as decimal(38, 6)),
                m - greatest(cast(0 as decimal(38, 6)), least(hi, ordered) - lo)
            )
        ) as c
    from over
),

regions as (
    select
        received_beyond.*,
        m - c as a,
        least(need - m, beyond - c) as d
    from received_beyond
),

short as (
    select
        regions.*,
        need - m - d as b,
        sum(need - m - d) over (
            partition by group_no
            order by case when is_paid then 0 else 1 end, invoice_date, invoice_id, line_no
            rows between unbounded preceding and current row
        ) as b_hi,
        sum(need - m) over (
            partition by group_no
            order by case when is_paid then 0 else 1 end, invoice_date, invoice_id, line_no
            rows between unbounded preceding and current row
        ) as shortfall
    from regions
),

-- A shortage that is credited, or a price, brings no goods back.
credited as (
    select
        group_no,
        cast(sum(measure) as decimal(38, 6)) as qty
    from matched_line
    where code is null and is_credit and adj_kind not in ('PRICE', 'SHORTAGE')
    group by group_no
),

-- Goods that came and went back, and goods that stayed and were not accepted. On an amount basis
-- what is missing is not confirmed, whatever became of its receipts.
gone as (
    select
        group_no,
        cast(sum(gross - received) as decimal(38, 6)) as went_back,
        cast(sum(received - accepted) as decimal(38, 6)) as not_accepted
    from receipt_layer
    where match_basis = 'QTY' and (received < gross or accepted < received)
    group by group_no
),

-- What went back waits for its credit memo: once that is there, it is missing no more.
lost as (
    select
        gone.group_no,
        greatest(
            cast(0 as decimal(38, 6)), gone.went_back - coalesce(credited.qty, 0)
        ) as went_back,
        gone.not_accepted
    from gone
    left join credited on gone.group_no = credited.group_no
)

select
    short.invoice_id,
    short.line_no,
    short.hi,
    cast(short.shortfall as decimal(38, 6)) as shortfall,
    cast(greatest(cast(0 as decimal(38, 6)), short.hi - short.ordered) as decimal(38, 6)) as excess,
    cast(short.a as decimal(38, 6)) as a,
    cast(short.b as decimal(38, 6)) as b,
    cast(short.c as decimal(38, 6)) as c,
    cast(short.d as decimal(38, 6)) as d,
    cast(
        greatest(
            cast(0 as decimal(38, 6)),
            least(short.b_hi, coalesce(lost.went_back, 0)) - (short.b_hi - short.b)
        )
        as decimal(38, 6)
    ) as b_went_back,
    cast(
        greatest(
            cast(0 as decimal(38, 6)),
            least(short.b_hi, coalesce(lost.went_back, 0) + coalesce(lost.not_accepted, 0))
            - greatest(short.b_hi - short.b, coalesce(lost.went_back, 0))
        )
        as decimal(38, 6)
    ) as b_not_accepted
from short
left join lost on short.group_no = lost.group_no
