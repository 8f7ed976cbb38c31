-- charge_finding: every finding of use against charge of the night, before it is compared with the night before.
--
-- grain     finding_ref
-- reads     finding_on_code, finding_on_pair, finding_on_use, finding_on_bill_only, finding_on_charge,
--           finding_on_record, finding_on_claim, finding_on_stock, finding_on_denial
-- params    none
-- money     gross of each row has one sign: under and over are never netted
-- rule      All findings in one table, each numbered, whatever they were found on: codes of accounts, pairs, records of
--           use, orders, charges, messages, claims, stock, denials. (Usage and charge 1, steps 5 to 7.)
select * from finding_on_code
union all
select * from finding_on_pair
union all
select * from finding_on_use
union all
select * from finding_on_bill_only
union all
select * from finding_on_charge
union all
select * from finding_on_record
union all
select * from finding_on_claim
union all
select * from finding_on_stock
union all
select * from finding_on_denial
