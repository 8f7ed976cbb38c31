-- chargeback_claim: the totals of an 844, against the amounts of its products.
--
-- grain     control, transaction_no, source_record
-- reads     chargeback_amount
-- params    none
-- money     dollars, a debit (D) against the credits
-- rule      a total after the products is the sum of their amounts with the same code; a code that no
--           product has is not compared
with signed as (
    select
        transaction_no,
        source_record,
        byte_offset,
        line_no,
        amount_code,
        case when credit_debit_code = 'D' then -amount else amount end as amount
    from chargeback_amount
    where amount is not null
),

summed as (
    select
        transaction_no,
        amount_code,
        sum(amount) as amount
    from signed
    where line_no is not null
    group by transaction_no, amount_code
)

select
    'AMT*' || total.amount_code as control,
    total.transaction_no,
    total.source_record,
    total.byte_offset,
    total.amount as declared,
    summed.amount as found,
    total.amount = summed.amount as agrees
from signed as total
inner join summed on total.transaction_no = summed.transaction_no and total.amount_code = summed.amount_code
where total.line_no is null
order by all
