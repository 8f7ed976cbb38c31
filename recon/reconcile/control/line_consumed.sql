-- line_consumed: no line is given more than it bills after credits, and its regions add up to that.
--
-- grain     what, document, line
-- reads     invoice_line_result, allocation, demand, match_group
-- params    none
-- money     none: quantities in shares (dollars on an amount basis)
-- rule      Three-way match 1.8, invariants 2, 4 and 5: A + B + C + D = billed - credited,
--           A + C = allocated, B + D = billed and not received. Two-way lines need no receipt, so
--           nothing is allocated to them. Rounding of published quantities as in receipt_consumed.
with allocated as (
    select
        invoice_id,
        line_no,
        sum(qty) as qty,
        count(*) as parts
    from allocation
    group by invoice_id, line_no
),

compared as (
    select
        line.invoice_id,
        line.line_no,
        grp.match_type,
        case when grp.match_basis = 'AMOUNT' then 1 else coalesce(grp.scale, 1) end as scale,
        coalesce(demand.need, 0) as need,
        coalesce(allocated.qty, 0) as allocated_qty,
        coalesce(allocated.parts, 0) as parts,
        line.qty_a + line.qty_c as received,
        line.qty_a + line.qty_b + line.qty_c + line.qty_d as regions
    from invoice_line_result as line
    left join demand on line.invoice_id = demand.invoice_id and line.line_no = demand.line_no
    left join allocated on line.invoice_id = allocated.invoice_id and line.line_no = allocated.line_no
    left join match_group as grp on demand.group_no = grp.group_no
),

measured as (
    select
        invoice_id,
        line_no,
        match_type,
        cast(need as decimal(38, 6)) as need,
        cast(allocated_qty * scale as decimal(38, 6)) as allocated,
        cast(received * scale as decimal(38, 6)) as received,
        cast(regions * scale as decimal(38, 6)) as regions,
        cast(case when scale > 1 then (parts + 4) * scale * 0.000001 else 0 end as decimal(38, 6)) as slack
    from compared
)

select
    'more is allocated than billed - credited' as what,
    invoice_id as document,
    cast(line_no as varchar) as line,
    need as expected,
    allocated as found
from measured
where allocated > need + slack
union all
select
    'A + B + C + D is not billed - credited' as what,
    invoice_id as document,
    cast(line_no as varchar) as line,
    need as expected,
    regions as found
from measured
where abs(regions - need) > slack
union all
select
    'A + C is not what is allocated' as what,
    invoice_id as document,
    cast(line_no as varchar) as line,
    allocated as expected,
    received as found
from measured
where coalesce(match_type, '') not in ('2WAY', 'ERS') and abs(received - allocated) > slack
order by all
