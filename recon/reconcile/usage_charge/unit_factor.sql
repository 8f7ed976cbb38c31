-- unit_factor: items and codes whose charges are wrong by a pack, over all accounts: a result table.
--
-- grain     finding_key
-- reads     finding_on_code, code_open
-- params    none
-- money     the sum of its lines
-- rule      The map is wrong once and every charge by it is wrong: whoever mends the map needs one row, with all that
--           it costs. (Usage and charge 1, steps 6 and 7; SC05.)
select
    finding.finding_key,
    min(finding.facility_id) as facility_id,
    min(finding.item_id) as item_id,
    min(finding.cdm_code) as cdm_code,
    min(code_open.factor) as factor,
    case when min(code_open.use_units) = 0 then 'OVER' else 'UNDER' end as direction,
    cast(count(*) as integer) as accounts,
    cast(sum(finding.units) as decimal(18, 6)) as units,
    cast(sum(finding.gross) as decimal(18, 2)) as gross
from finding_on_code as finding
inner join code_open on finding.account_no = code_open.account_no and finding.cdm_code = code_open.cdm_code
where finding.finding_key is not null
group by finding.finding_key
