-- charge_allocation: how many units of each charge each record of use supports, and by which pass: a result table.
--
-- grain     facility_id, usage_system_id, usage_id, charge_system_id, txn_id, match_pass
-- reads     matched, used, charge_known, account_known
-- sorted    yes
-- params    none
-- money     none: charge units
-- rule      The passes of the match with the names of their records in place of numbers. A unit is matched once. (Usage
--           and charge 1, step 4.)
select
    charged.facility_id,
    used.system_id as usage_system_id,
    used.usage_id,
    charged.system_id as charge_system_id,
    charged.txn_id,
    matched.match_pass,
    account.account_key,
    charged.cdm_code,
    used.cdm_code as expected_cdm_code,
    matched.units
from matched
inner join used on matched.use_no = used.use_no
inner join charge_known as charged on matched.charge_no = charged.charge_no
inner join account_known as account on charged.account_no = account.account_no
order by used.use_no, charged.charge_no, matched.match_pass
