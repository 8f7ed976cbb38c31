-- allocated: how much of each receipt each invoice line took, of both turns together.
--
-- grain     invoice_id, line_no, receipt_key
-- reads     allocated_cited, allocated_fifo
-- held      no
-- params    none
-- money     none; quantities in shares, of which `scale` are one base unit, as in supply (dollars on an amount basis)
-- rule      `basis` says why a line took it: FROZEN, the document is paid and keeps what it was paid for; CITED, the
--           line named that receipt; FIFO, it was the oldest that was left. (Specification 1.2 step 5.)
with cited_group as (
    select distinct group_no
    from allocated_cited
),

-- Most groups have one turn, and each of its pairs once.
fifo_only as (
    select
        turn.invoice_id,
        turn.line_no,
        turn.receipt_key,
        turn.receipt_id,
        turn.receipt_line_no,
        turn.scale,
        turn.group_no,
        case when turn.is_paid then 'FROZEN' else 'FIFO' end as basis,
        turn.qty
    from allocated_fifo as turn
    left join cited_group on turn.group_no = cited_group.group_no
    where cited_group.group_no is null
),

both_turns as (
    select
        invoice_id,
        line_no,
        receipt_key,
        receipt_id,
        receipt_line_no,
        scale,
        group_no,
        is_paid,
        qty,
        'CITED' as basis
    from allocated_cited
    union all
    select
        turn.invoice_id,
        turn.line_no,
        turn.receipt_key,
        turn.receipt_id,
        turn.receipt_line_no,
        turn.scale,
        turn.group_no,
        turn.is_paid,
        turn.qty,
        'FIFO' as basis
    from allocated_fifo as turn
    inner join cited_group on turn.group_no = cited_group.group_no
)

select
    invoice_id,
    line_no,
    receipt_key,
    receipt_id,
    receipt_line_no,
    scale,
    group_no,
    basis,
    qty
from fifo_only
union all
select
    invoice_id,
    line_no,
    receipt_key,
    receipt_id,
    receipt_line_no,
    scale,
    group_no,
    case when is_paid then 'FROZEN' else min(basis) end as basis,
    cast(sum(qty) as decimal(38, 6)) as qty
from both_turns
group by invoice_id, line_no, receipt_key, receipt_id, receipt_line_no, scale, group_no, is_paid
