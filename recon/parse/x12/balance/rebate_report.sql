-- rebate_report: what an 867 claims line by line, against its totals, in cents.
--
-- grain     control, transaction_no, source_record
-- reads     rebate_report, rebate_line
-- params    none
-- money     dollars: the claim of a line is exact to its sixth decimal, the sum is rounded to the cent;
--           casts to 38 digits, for DuckDB computes in the 18 of its operands and stops where they end
-- rule      AMT*S   the total claimed is the sum of claim per unit x quantity, a debit (D) against it
--           AMT*FO  the total of the fees is the sum of the lines' allowances, a charge (C) against it
--           ITA07   the fee of a line is its percentage of the line's sales
with line as (
    select
        transaction_no,
        case when claim_credit_debit_code = 'D' then -1 else 1 end
        * cast(cast(claim_per_unit as decimal(38, 6)) * qty as decimal(36, 6)) as claim,
        case when fee_indicator = 'C' then -fee_amount else fee_amount end as fee
    from rebate_line
),

summed as (
    select
        transaction_no,
        cast(round(sum(claim), 2) as decimal(38, 2)) as claim,
        sum(fee) as fee
    from line
    group by transaction_no
),

total as (
    select
        report.transaction_no,
        report.source_record,
        report.byte_offset,
        case
            when report.claimed_total_credit_debit_code = 'D' then -report.claimed_total
            else report.claimed_total
        end as claim_declared,
        coalesce(summed.claim, 0) as claim_found,
        case
            when report.fee_total_credit_debit_code = 'D' then -report.fee_total
            else report.fee_total
        end as fee_declared,
        coalesce(summed.fee, 0) as fee_found
    from rebate_report as report
    left join summed on report.transaction_no = summed.transaction_no
),

compared as (
    select
        'AMT*S' as control,
        transaction_no,
        source_record,
        byte_offset,
        claim_declared as declared,
        claim_found as found
    from total

    union all

    select
        'AMT*FO' as control,
        transaction_no,
        source_record,
        byte_offset,
        fee_declared as declared,
        fee_found as found
    from total

    union all

    select
        'ITA07' as control,
        transaction_no,
        source_record,
        byte_offset,
        fee_amount as declared,
        cast(round(cast(sales_amount as decimal(38, 2)) * fee_pct * 0.01, 2) as decimal(38, 2)) as found
    from rebate_line
)

select
    control,
    transaction_no,
    source_record,
    byte_offset,
    declared,
    found,
    declared = found as agrees
from compared
where declared is not null and found is not null
order by all
