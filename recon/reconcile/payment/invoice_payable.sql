-- invoice_payable: what may be paid of each document tonight, whole or as far as it is supported.
--
-- grain     invoice_id
-- reads     invoice_line_result, invoice_document, paid_document, finding, policy
-- params    none
-- money     sums of the lines' cents; a document has one currency
-- rule      Hold whole: nothing while a line is held, or the total does not add up. Supported: what is
--           supported and tolerated. What is routed goes its own way to approval. The policy `pay`
--           says which of the two is payable. (Specification 1.6.)
with split as (
    select
        invoice_id,
        min(facility_id) as facility_id,
        cast(sum(amount) as decimal(18, 2)) as amount,
        cast(sum(supported + tolerated) as decimal(18, 2)) as supported,
        cast(sum(held) as decimal(18, 2)) as held,
        cast(sum(greatest(held, cast(0 as decimal(18, 2)))) as decimal(18, 2)) as overbilled,
        cast(sum(routed) as decimal(18, 2)) as routed,
        count(case when held <> 0 then 1 end) as lines_held
    from invoice_line_result
    group by invoice_id
),

unbalanced as (
    select invoice_id
    from finding
    where code = 'INVOICE_OUT_OF_BALANCE'
),

viewed as (
    select
        split.*,
        document.supplier_id,
        document.currency,
        document.is_paid or paid.invoice_id is not null as is_paid,
        case
            when split.lines_held > 0 or unbalanced.invoice_id is not null then cast(0 as decimal(18, 2))
            else split.supported
        end as whole,
        coalesce(
            (
                select value
                from policy
                where policy = 'pay'
            ), 'hold_whole'
        ) as way
    from split
    inner join invoice_document as document on split.invoice_id = document.invoice_id
    left join paid_document as paid on split.invoice_id = paid.invoice_id
    left join unbalanced on split.invoice_id = unbalanced.invoice_id
)

select
    invoice_id,
    supplier_id,
    facility_id,
    currency,
    is_paid,
    amount,
    held,
    overbilled,
    routed,
    whole as pay_if_hold_whole,
    supported as pay_supported,
    case way when 'supported' then supported else whole end as payable
from viewed
