-- receiving_advice: the total quantity of an 861, against what its lines received.
--
-- grain     control, transaction_no, source_record
-- reads     receiving_advice, receiving_line
-- params    none
-- money     none: quantities, whatever their units
-- rule      CTT02, where sent, is the sum of the quantities received (RCD02)
with received as (
    select
        transaction_no,
        sum(qty_received) as qty
    from receiving_line
    group by transaction_no
)

select
    'CTT02' as control,
    advice.transaction_no,
    advice.source_record,
    advice.byte_offset,
    advice.qty_total as declared,
    coalesce(received.qty, 0) as found,
    advice.qty_total = coalesce(received.qty, 0) as agrees
from receiving_advice as advice
left join received on advice.transaction_no = received.transaction_no
where advice.qty_total is not null
order by all
