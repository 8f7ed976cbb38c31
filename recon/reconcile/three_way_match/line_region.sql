-- line_region: need of lines in short groups, as A ordered and received, B ordered only, C received only, D neither.
--
-- grain     invoice_id, line_no
-- reads     demand, allocated, group_balance, match_group, receipt_layer, order_group
-- params    none
-- money     none: quantities (dollars on an amount basis)
-- rule      over = max(0, hi - max(lo, ordered)); C = min(over, max(0, m - max(0, min(hi, ordered) - lo)));
--           A = m - C; D = min(need - m, over - C); B = need - m - D. B is put down to goods that went
--           back first, then to goods not accepted, the rest to goods not received.
--           (Specification 1.2 step 6.)
with group_short as (
    select match_group
    from group_balance
    where is_short
),

short_allocated as (
    select
        allocated.invoice_id,
        allocated.line_no,
        allocated.qty
    from allocated
    inner join group_short on allocated.match_group = group_short.match_group
),

matched as (
    select
        invoice_id,
        line_no,
        cast(sum(qty) as decimal(38, 6)) as qty
    from short_allocated
    group by invoice_id, line_no
),

placed as (
    select
        demand.invoice_id,
        demand.line_no,
        demand.match_group,
        demand.is_paid,
        demand.invoice_date,
        demand.billed,
        demand.need,
        demand.hi - demand.need as lo,
        demand.hi,
        grp.ordered,
        case when grp.match_type = '2WAY' then demand.need else coalesce(matched.qty, 0) end as m
    from demand
    inner join group_short on demand.match_group = group_short.match_group
    inner join match_group as grp on demand.match_group = grp.match_group
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
            partition by match_group
            order by case when is_paid then 0 else 1 end, invoice_date, invoice_id, line_no
            rows between unbounded preceding and current row
        ) as b_hi,
        sum(need - m) over (
            partition by match_group
            order by case when is_paid then 0 else 1 end, invoice_date, invoice_id, line_no
            rows between unbounded preceding and current row
        ) as shortfall
    from regions
),

-- Goods that came and went back, and goods that stayed and were not accepted. On an amount basis
-- what is missing is not confirmed, whatever became of its receipts.
lost as (
    select
        grp.match_group,
        cast(sum(layer.gross - layer.received) as decimal(38, 6)) as went_back,
        cast(sum(layer.received - layer.accepted) as decimal(38, 6)) as not_accepted
    from receipt_layer as layer
    left join order_group on layer.po_id = order_group.po_id and layer.po_line_no = order_group.po_line_no
    inner join match_group as grp
        on layer.po_id = grp.po_id and coalesce(order_group.group_line_no, layer.po_line_no) = grp.po_line_no
    where grp.match_basis = 'QTY' and (layer.received < layer.gross or layer.accepted < layer.received)
    group by grp.match_group
)

select
    short.invoice_id,
    short.line_no,
    short.match_group,
    short.billed,
    short.need,
    short.hi,
    cast(short.shortfall as decimal(38, 6)) as shortfall,
    cast(greatest(cast(0 as decimal(38, 6)), short.hi - short.ordered) as decimal(38, 6)) as excess,
    cast(short.m as decimal(38, 6)) as matched,
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
left join lost on short.match_group = lost.match_group
