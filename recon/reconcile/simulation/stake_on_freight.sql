-- stake_on_freight: what the freight cap decided on each freight and handling line.
--
-- grain     invoice_id, line_no, check_name
-- reads     charge_line, billed_line, tolerance
-- params    none
-- money     what is beyond the cap is held; what is within it the match calls supported, not tolerated
-- rule      Only charges that are within the cap or beyond it; not those held or stopped for another
--           reason. (Specification 1.3, 1.4.)
select
    charge.invoice_id,
    charge.line_no,
    'FREIGHT' as check_name,
    charge.code as finding,
    rule.rule_id,
    charge.held,
    cast(0 as decimal(18, 2)) as tolerated,
    cast(0 as decimal(18, 2)) as leak,
    cast(null as boolean) as has_contract
from charge_line as charge
inner join billed_line as line on charge.invoice_id = line.invoice_id and charge.line_no = line.line_no
left join tolerance as rule
    on
        charge.supplier_id = rule.supplier_id
        and rule.category = ''
        and rule.is_implant = false
        and coalesce(charge.facility_id, '') = rule.facility_id
        and line.invoice_date = rule.invoice_date
        and rule.check_name = 'FREIGHT'
where
    charge.line_type in ('FREIGHT', 'HANDLING')
    and coalesce(charge.code, 'FREIGHT_OVER_CAP') = 'FREIGHT_OVER_CAP'
