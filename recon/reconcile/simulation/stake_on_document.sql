-- stake_on_document: what a document's total differs from its lines by: held, or tolerated.
--
-- grain     invoice_id, line_no, check_name
-- reads     document_balance, finding_on_document, exception_code, tolerance
-- params    none
-- money     total as stated less the sum of the lines as stated
-- rule      Held where the match finds INVOICE_OUT_OF_BALANCE and the code holds, else tolerated. Line 0
--           stands for the whole document. Duplicates have no balance. (Specification 1.2 step 11.)
with standing as (
    select
        balance.invoice_id,
        cast(balance.residual as decimal(18, 2)) as residual,
        finding.code as finding,
        coalesce(exception_code.hold = 'Y', false) as is_held,
        rule.rule_id
    from document_balance as balance
    left join finding_on_document as finding
        on balance.invoice_id = finding.invoice_id and finding.code = 'INVOICE_OUT_OF_BALANCE'
    left join exception_code on finding.code = exception_code.code
    left join tolerance as rule
        on
            balance.supplier_id = rule.supplier_id
            and rule.category = ''
            and rule.is_implant = false
            and coalesce(balance.facility_id, '') = rule.facility_id
            and balance.invoice_date = rule.invoice_date
            and rule.check_name = 'HEADER_BALANCE'
)

select
    invoice_id,
    cast(0 as integer) as line_no,
    'HEADER_BALANCE' as check_name,
    finding,
    rule_id,
    case when is_held then residual else cast(0 as decimal(18, 2)) end as held,
    case when is_held then cast(0 as decimal(18, 2)) else residual end as tolerated,
    cast(0 as decimal(18, 2)) as leak,
    cast(null as boolean) as has_contract
from standing
