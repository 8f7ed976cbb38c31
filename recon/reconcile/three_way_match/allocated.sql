-- allocated: how much of each receipt each line took, in shares (dollars on an amount basis).
--
-- grain     invoice_id, line_no, receipt_key
-- reads     allocated_cited, allocated_fifo, demand
-- params    none
-- money     none
-- rule      FROZEN for paid documents, else CITED where the citation gave anything, else FIFO.
with both_turns as (
    select
        invoice_id,
        line_no,
        receipt_key,
        match_group,
        qty,
        'CITED' as basis
    from allocated_cited
    union all
    select
        invoice_id,
        line_no,
        receipt_key,
        match_group,
        qty,
        'FIFO' as basis
    from allocated_fifo
)

select
    turn.invoice_id,
    turn.line_no,
    turn.receipt_key,
    turn.match_group,
    case when demand.is_paid then 'FROZEN' else min(turn.basis) end as basis,
    cast(sum(turn.qty) as decimal(38, 6)) as qty
from both_turns as turn
inner join demand on turn.invoice_id = demand.invoice_id and turn.line_no = demand.line_no
group by turn.invoice_id, turn.line_no, turn.receipt_key, turn.match_group, demand.is_paid
