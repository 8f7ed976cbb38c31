-- payment: what an 820 pays, against its items, and what it pays for an item against the invoice.
--
-- grain     control, transaction_no, source_record
-- reads     payment, remittance_line, remittance_adjustment
-- params    none
-- money     dollars, as written: an adjustment is added, so one that lessens the payment is negative
-- rule      BPR02  the payment is the sum of what is paid for its items and of the adjustments that
--                  stand beside them; one under an item is part of what is paid for the item.
--                  A payment without any of these is not checked
--           RMR04  paid for an item is the invoice less discount, and with its adjustments
with adjusted as (
    select
        transaction_no,
        line_no,
        sum(amount) as amount
    from remittance_adjustment
    group by transaction_no, line_no
),

part as (
    select
        transaction_no,
        paid_amount as amount
    from remittance_line
    union all
    select
        transaction_no,
        amount
    from adjusted
    where line_no is null
),

paid as (
    select
        transaction_no,
        sum(amount) as amount
    from part
    group by transaction_no
),

item as (
    select
        line.transaction_no,
        line.source_record,
        line.byte_offset,
        line.paid_amount,
        cast(line.invoice_amount as decimal(38, 2))
        - coalesce(line.discount_amount, 0)
        + coalesce(line.adjustment_amount, 0)
        + coalesce(adjusted.amount, 0) as explained
    from remittance_line as line
    left join adjusted on line.transaction_no = adjusted.transaction_no and line.line_no = adjusted.line_no
    where line.paid_amount is not null and line.invoice_amount is not null
),

checked as (
    select
        'BPR02' as control,
        payment.transaction_no,
        payment.source_record,
        payment.byte_offset,
        payment.payment_amount as declared,
        coalesce(paid.amount, 0) as found,
        payment.payment_amount = coalesce(paid.amount, 0) as agrees
    from payment
    inner join paid on payment.transaction_no = paid.transaction_no

    union all

    select
        'RMR04' as control,
        transaction_no,
        source_record,
        byte_offset,
        paid_amount as declared,
        explained as found,
        paid_amount = explained as agrees
    from item
)

select
    control,
    transaction_no,
    source_record,
    byte_offset,
    declared,
    found,
    agrees
from checked
order by all
