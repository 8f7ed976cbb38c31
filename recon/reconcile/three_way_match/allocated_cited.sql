-- allocated_cited: first turn: a line that names a packing slip, receipt or lot takes from what it names.
--
-- grain     invoice_id, line_no, receipt_key
-- reads     demand, supply, citation
-- params    none
-- money     none: quantities (dollars on an amount basis)
-- rule      Paid documents go first, then the oldest. Per text cited, the needs of the lines that cite it and the
--           receipts meant by it are laid end to end on one axis; where a need and a receipt overlap, that much is
--           allocated.
--           Open lines together may take no more than paid lines leave: a document that arrives later never takes a
--           receipt from one that is paid. (Specification 1.2 step 5, pass A; 1.8 invariant 8.)
with cited_group as (
    select distinct group_no
    from citation
),

cited_supply as (
    select supply.*
    from supply
    inner join cited_group on supply.group_no = cited_group.group_no
),

total as (
    select
        group_no,
        cast(sum(offered) as decimal(38, 6)) as offered
    from cited_supply
    group by group_no
),

cited as (
    select
        group_no,
        cite_key,
        cast(sum(offered) as decimal(38, 6)) as offered
    from cited_supply
    group by group_no, cite_key
),

citing as (
    select
        demand.invoice_id,
        demand.line_no,
        demand.group_no,
        demand.is_paid,
        demand.is_lot_bound,
        demand.invoice_date,
        demand.need,
        citation.cite_key,
        sum(demand.need) over (
            partition by demand.group_no, citation.cite_key
            order by
                case when demand.is_paid then 0 else 1 end, demand.invoice_date, demand.invoice_id, demand.line_no
            rows between unbounded preceding and current row
        ) as hi
    from demand
    inner join citation on demand.group_no = citation.group_no and demand.cites = citation.cited
    where demand.need > 0
),

-- What each line finds in what it cites, after those before it.
finds as (
    select
        citing.*,
        greatest(
            cast(0 as decimal(38, 6)), least(citing.hi, cited.offered) - (citing.hi - citing.need)
        ) as found
    from citing
    inner join cited on citing.group_no = cited.group_no and citing.cite_key = cited.cite_key
),

-- Paid lines may take from any receipt, those bound to a lot from theirs.
reserved as (
    select
        group_no,
        cast(sum(qty) as decimal(38, 6)) as qty
    from (
        select
            group_no,
            need as qty
        from demand
        where is_paid and not is_lot_bound
        union all
        select
            group_no,
            found as qty
        from finds
        where is_paid and is_lot_bound
    ) as paid
    group by group_no
),

left_by_paid as (
    select
        finds.*,
        greatest(cast(0 as decimal(38, 6)), total.offered - coalesce(reserved.qty, 0)) as spare,
        coalesce(
            sum(finds.found) over (
                partition by finds.group_no, finds.is_paid
                order by finds.invoice_date, finds.invoice_id, finds.line_no
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) as before
    from finds
    inner join total on finds.group_no = total.group_no
    left join reserved on finds.group_no = reserved.group_no
),

asked as (
    select
        invoice_id,
        line_no,
        group_no,
        is_paid,
        invoice_date,
        cite_key,
        case
            when is_paid then found
            else least(found, greatest(cast(0 as decimal(38, 6)), spare - before))
        end as need
    from left_by_paid
),

asked_axis as (
    select
        asked.*,
        sum(need) over (
            partition by group_no, cite_key
            order by case when is_paid then 0 else 1 end, invoice_date, invoice_id, line_no
            rows between unbounded preceding and current row
        ) as hi
    from asked
),

offered_axis as (
    select
        receipt_key,
        receipt_id,
        receipt_line_no,
        scale,
        group_no,
        cite_key,
        offered,
        sum(offered) over (
            partition by group_no, cite_key
            order by supply_date, receipt_key
            rows between unbounded preceding and current row
        ) as hi
    from cited_supply
)

select
    asked_axis.invoice_id,
    asked_axis.line_no,
    offered_axis.receipt_key,
    offered_axis.receipt_id,
    offered_axis.receipt_line_no,
    offered_axis.scale,
    asked_axis.group_no,
    asked_axis.is_paid,
    cast(
        least(asked_axis.hi, offered_axis.hi)
        - greatest(asked_axis.hi - asked_axis.need, offered_axis.hi - offered_axis.offered)
        as decimal(38, 6)
    ) as qty
from asked_axis
inner join offered_axis
    on
        asked_axis.group_no = offered_axis.group_no
        and asked_axis.cite_key = offered_axis.cite_key
        and asked_axis.hi - asked_axis.need < offered_axis.hi
        and offered_axis.hi - offered_axis.offered < asked_axis.hi
where asked_axis.need > 0 and offered_axis.offered > 0
