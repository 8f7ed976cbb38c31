-- allocated_cited: first turn: lines that cite a packing slip, receipt or lot take from what they cite.
--
-- grain     invoice_id, line_no, receipt_key
-- reads     demand, supply, citation
-- params    none
-- money     none: quantities (dollars on an amount basis)
-- rule      Needs and offers are laid end to end on one axis per citation; what overlaps is allocated.
--           Open lines together may take no more than paid lines leave, so that a document that
--           arrives later never takes a receipt from a paid one. (Specification 1.2 step 5, pass A;
--           1.8 invariant 8.)
with total as (
    select
        match_group,
        cast(sum(offered) as decimal(38, 6)) as offered
    from supply
    group by match_group
),

paid as (
    select
        match_group,
        cast(sum(need) as decimal(38, 6)) as need
    from demand
    where is_paid
    group by match_group
),

citing as (
    select
        demand.invoice_id,
        demand.line_no,
        demand.match_group,
        demand.is_paid,
        demand.invoice_date,
        demand.need,
        citation.cite_key,
        greatest(cast(0 as decimal(38, 6)), total.offered - coalesce(paid.need, 0)) as left_by_paid,
        coalesce(
            sum(demand.need) over (
                partition by demand.match_group, demand.is_paid
                order by demand.invoice_date, demand.invoice_id, demand.line_no
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as before
    from demand
    inner join citation on demand.match_group = citation.match_group and demand.cites = citation.cited
    inner join total on demand.match_group = total.match_group
    left join paid on demand.match_group = paid.match_group
    where demand.need > 0
),

asked as (
    select
        invoice_id,
        line_no,
        match_group,
        is_paid,
        invoice_date,
        cite_key,
        case
            when is_paid then need
            else least(need, greatest(cast(0 as decimal(38, 6)), left_by_paid - before))
        end as need
    from citing
),

asked_axis as (
    select
        asked.*,
        sum(need) over (
            partition by match_group, cite_key
            order by case when is_paid then 0 else 1 end, invoice_date, invoice_id, line_no
            rows between unbounded preceding and current row
        ) as hi
    from asked
),

offered_axis as (
    select
        receipt_key,
        match_group,
        cite_key,
        offered,
        sum(offered) over (
            partition by match_group, cite_key
            order by supply_date, receipt_key
            rows between unbounded preceding and current row
        ) as hi
    from supply
)

select
    asked_axis.invoice_id,
    asked_axis.line_no,
    offered_axis.receipt_key,
    asked_axis.match_group,
    cast(
        least(asked_axis.hi, offered_axis.hi)
        - greatest(asked_axis.hi - asked_axis.need, offered_axis.hi - offered_axis.offered)
        as decimal(38, 6)
    ) as qty
from asked_axis
inner join offered_axis
    on
        asked_axis.match_group = offered_axis.match_group
        and asked_axis.cite_key = offered_axis.cite_key
        and asked_axis.hi - asked_axis.need < offered_axis.hi
        and offered_axis.hi - offered_axis.offered < asked_axis.hi
where asked_axis.need > 0 and offered_axis.offered > 0
