-- The townships of an account that is limited to townships, with those that have become one of them; NULL where the
-- account works on the whole city. registry.organizations.models.reach asks it, and so do the triggers.
CREATE FUNCTION registry_reach(account bigint)
 RETURNS bigint[]
 LANGUAGE plpgsql
 STABLE
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM auth_user u
        WHERE u.id = account AND NOT u.is_superuser AND EXISTS (
            SELECT FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id
            WHERE t.app_label = 'registry' AND p.codename = 'limited_to_townships' AND (
                p.id IN (SELECT permission_id FROM auth_user_user_permissions WHERE user_id = u.id)
                OR p.id IN (
                    SELECT of_group.permission_id FROM auth_group_permissions of_group
                    JOIN auth_user_groups has ON has.group_id = of_group.group_id WHERE has.user_id = u.id
                )
            )
        )
    ) THEN
        RETURN NULL;
    END IF;
    RETURN ARRAY(
        WITH RECURSIVE own(id) AS (
            SELECT township_id FROM registry_accounttownship WHERE user_id = account
            UNION SELECT t.id FROM registry_township t JOIN own ON t.successor_id = own.id
        ) SELECT id FROM own
    );
END $$;

-- The rules of registry.accounts.roles.must_stay_apart(), for whatever writes past it. Superusers may do all anyway.
CREATE OR REPLACE FUNCTION registry_roles_stay_apart()
 RETURNS trigger
 LANGUAGE plpgsql
AS $$
DECLARE
    roles text[] := ARRAY(
        SELECT role.name FROM auth_user_groups held JOIN auth_group role ON role.id = held.group_id
        WHERE held.user_id = NEW.user_id
    );
BEGIN
    IF (SELECT is_superuser FROM auth_user WHERE id = NEW.user_id) THEN
        RETURN NULL;
    END IF;
    IF roles @> ARRAY['系统管理员', '审计员'] THEN
        RAISE EXCEPTION 'An account is never administrator and auditor at once.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'roles_stay_apart';
    END IF;
    IF '镇街填报员' = ANY (roles) AND NOT roles <@ ARRAY['镇街填报员', '查询员'] THEN
        RAISE EXCEPTION 'A township registrar has no other role but the viewer''s.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'roles_stay_apart';
    END IF;
    RETURN NULL;
END $$;
