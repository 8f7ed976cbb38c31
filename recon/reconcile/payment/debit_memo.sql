-- debit_memo: what is claimed back of each document of which only the supported part is paid.
--
-- grain     invoice_id
-- reads     invoice_payable, policy
-- params    none
-- money     minus what is held; negative, in the document's currency
-- rule      A document that is not paid yet and of which a part is supported. NET sets what is held in
--           the supplier's favour off against the rest, so that amount, memo and what is routed come
--           to what is paid; OVERBILL_ONLY claims the overbilled lines whole. The policy `debit_memo`
--           says which. A document that is held whole is not paid short: nothing is claimed.
--           (Specification 1.6.)
with claimed as (
    select
        invoice_payable.*,
        case
            when
                coalesce(
                    (
                        select value
                        from policy
                        where policy = 'debit_memo'
                    ), 'net'
                ) = 'overbill_only' then 'OVERBILL_ONLY'
            else 'NET'
        end as memo_type
    from invoice_payable
    where pay_supported <> 0 and not is_paid
)

select
    invoice_id,
    supplier_id,
    facility_id,
    currency,
    memo_type,
    cast(case memo_type when 'NET' then -held else -overbilled end as decimal(18, 2)) as amount
from claimed
where case memo_type when 'NET' then held else overbilled end > 0
