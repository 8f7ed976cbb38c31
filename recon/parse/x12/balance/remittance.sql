-- remittance: what an 835 pays, against the charges and every adjustment it gives for them.
--
-- grain     control, transaction_no, source_record
-- reads     remittance, claim_payment, service_payment, claim_adjustment, provider_adjustment
-- params    none
-- money     dollars, as written: an adjustment takes off what is paid, a negative one adds to it
-- rule      SVC03           paid for a service is its charge less its own adjustments
--           CLP04           paid for a claim is its charge less its adjustments and its services'
--           CLP04 services  where a claim has services, it is what is paid for them less the
--                           adjustments of the claim itself
--           BPR02           the payment is what is paid for claims less the provider's adjustments
with taken_off_service as (
    select
        transaction_no,
        claim_no,
        service_no,
        sum(amount) as amount
    from claim_adjustment
    where service_no is not null
    group by transaction_no, claim_no, service_no
),

taken_off_claim as (
    select
        transaction_no,
        claim_no,
        sum(amount) as amount,
        coalesce(sum(amount) filter (where service_no is null), 0) as amount_of_claim
    from claim_adjustment
    group by transaction_no, claim_no
),

paid_for_services as (
    select
        transaction_no,
        claim_no,
        sum(paid) as amount
    from service_payment
    group by transaction_no, claim_no
),

paid_for_claims as (
    select
        transaction_no,
        sum(paid) as amount
    from claim_payment
    group by transaction_no
),

taken_off_payment as (
    select
        transaction_no,
        sum(amount) as amount
    from provider_adjustment
    group by transaction_no
),

service as (
    select
        service_payment.transaction_no,
        service_payment.source_record,
        service_payment.byte_offset,
        service_payment.paid as declared,
        service_payment.charge - coalesce(taken_off_service.amount, 0) as found
    from service_payment
    left join taken_off_service
        on
            service_payment.transaction_no = taken_off_service.transaction_no
            and service_payment.claim_no = taken_off_service.claim_no
            and service_payment.service_no = taken_off_service.service_no
),

claim as (
    select
        claim_payment.transaction_no,
        claim_payment.source_record,
        claim_payment.byte_offset,
        claim_payment.paid as declared,
        claim_payment.charge - coalesce(taken_off_claim.amount, 0) as found,
        paid_for_services.amount - coalesce(taken_off_claim.amount_of_claim, 0) as found_by_service
    from claim_payment
    left join taken_off_claim
        on
            claim_payment.transaction_no = taken_off_claim.transaction_no
            and claim_payment.claim_no = taken_off_claim.claim_no
    left join paid_for_services
        on
            claim_payment.transaction_no = paid_for_services.transaction_no
            and claim_payment.claim_no = paid_for_services.claim_no
),

payment as (
    select
        remittance.transaction_no,
        remittance.source_record,
        remittance.byte_offset,
        remittance.payment_amount as declared,
        coalesce(paid_for_claims.amount, 0) - coalesce(taken_off_payment.amount, 0) as found
    from remittance
    left join paid_for_claims on remittance.transaction_no = paid_for_claims.transaction_no
    left join taken_off_payment on remittance.transaction_no = taken_off_payment.transaction_no
),

checked as (
    select
        'SVC03' as control,
        transaction_no,
        source_record,
        byte_offset,
        declared,
        found
    from service

    union all

    select
        'CLP04' as control,
        transaction_no,
        source_record,
        byte_offset,
        declared,
        found
    from claim

    union all

    select
        'CLP04 services' as control,
        transaction_no,
        source_record,
        byte_offset,
        declared,
        found_by_service as found
    from claim
    where found_by_service is not null

    union all

    select
        'BPR02' as control,
        transaction_no,
        source_record,
        byte_offset,
        declared,
        found
    from payment
)

select
    control,
    transaction_no,
    source_record,
    byte_offset,
    declared,
    found,
    declared = found as agrees
from checked
order by all
