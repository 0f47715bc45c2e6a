-- Changes of roles and rights that no page made, such as by a command, the shell or SQL, are security events, too.
-- Pages and the API tell theirs with who did it, and so do the operations that are named below.
CREATE FUNCTION registry_one_line(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT regexp_replace(
        $1, '[\u0001-\u001f\u007f-\u00a0\u00ad\u061c\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\ufeff]', U&'\FFFD', 'g'
    )
$$;

CREATE FUNCTION registry_tell(kind text, subject text, details jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    said jsonb := nullif(current_setting('pghistory.context_metadata', true), '')::jsonb;
BEGIN
    IF said ? 'url' OR said ->> 'operation' IN ('roles_by_sign_in', 'retention') THEN
        RETURN;
    END IF;
    INSERT INTO registry_securityevent (at, kind, username, subject, address, channel, token, request_id, details)
    SELECT clock_timestamp(), kind, coalesce(max(u.username), ''), left(registry_one_line(subject), 200), '', 'command', '',
           '', jsonb_strip_nulls(details || jsonb_build_object(
               'command', coalesce(said ->> 'command', said ->> 'operation'),
               'program', nullif(registry_one_line(current_setting('application_name')), ''),
               'database_role', registry_one_line(session_user)
           ))
    FROM auth_user u WHERE u.id = (said ->> 'user')::bigint;
END $$;

CREATE FUNCTION registry_tell_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM registry_tell('account_opened', NEW.username,
                              jsonb_build_object('superuser', CASE WHEN NEW.is_superuser THEN true END));
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM registry_tell('account_closed', OLD.username, '{"deleted": true}');
    ELSE
        IF NEW.is_superuser <> OLD.is_superuser THEN
            PERFORM registry_tell('roles', NEW.username, CASE WHEN NEW.is_superuser THEN '{"superuser": true}'::jsonb
                                                              ELSE '{"no_superuser": true}' END);
        END IF;
        IF NEW.is_active <> OLD.is_active THEN
            PERFORM registry_tell(CASE WHEN NEW.is_active THEN 'account_opened' ELSE 'account_closed' END, NEW.username,
                                  '{}');
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER told_when_written AFTER INSERT OR DELETE ON auth_user
    FOR EACH ROW EXECUTE FUNCTION registry_tell_account();
CREATE TRIGGER told_when_changed AFTER UPDATE OF is_superuser, is_active ON auth_user
    FOR EACH ROW WHEN (OLD.is_superuser <> NEW.is_superuser OR OLD.is_active <> NEW.is_active)
    EXECUTE FUNCTION registry_tell_account();

CREATE FUNCTION registry_tell_roles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM registry_tell('roles', coalesce(max(u.username), r.user_id::text), jsonb_build_object(
            'taken', jsonb_agg(registry_one_line(coalesce(g.name, r.group_id::text)) ORDER BY r.group_id)
        )) FROM old_rows r LEFT JOIN auth_user u ON u.id = r.user_id LEFT JOIN auth_group g ON g.id = r.group_id
        GROUP BY r.user_id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM registry_tell('roles', coalesce(max(u.username), r.user_id::text), jsonb_build_object(
            'given', jsonb_agg(registry_one_line(coalesce(g.name, r.group_id::text)) ORDER BY r.group_id)
        )) FROM new_rows r LEFT JOIN auth_user u ON u.id = r.user_id LEFT JOIN auth_group g ON g.id = r.group_id
        GROUP BY r.user_id;
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION registry_permission_name(bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(max(registry_one_line(t.app_label || '.' || p.codename)), $1::text)
    FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id WHERE p.id = $1
$$;
-- One function serves both tables of permissions: `about` is whom a row of theirs concerns.
CREATE FUNCTION registry_tell_permissions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        EXECUTE format($query$
            SELECT registry_tell('permissions', coalesce(max(a.%1$I), r.%2$I::text), jsonb_build_object(
                'revoked', jsonb_agg(registry_permission_name(r.permission_id) ORDER BY r.permission_id)
            )) FROM old_rows r LEFT JOIN %3$I a ON a.id = r.%2$I GROUP BY r.%2$I
        $query$, TG_ARGV[0], TG_ARGV[1], TG_ARGV[2]);
    END IF;
    IF TG_OP <> 'DELETE' THEN
        EXECUTE format($query$
            SELECT registry_tell('permissions', coalesce(max(a.%1$I), r.%2$I::text), jsonb_build_object(
                'granted', jsonb_agg(registry_permission_name(r.permission_id) ORDER BY r.permission_id)
            )) FROM new_rows r LEFT JOIN %3$I a ON a.id = r.%2$I GROUP BY r.%2$I
        $query$, TG_ARGV[0], TG_ARGV[1], TG_ARGV[2]);
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER told_when_inserted AFTER INSERT ON auth_user_groups REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry_tell_roles();
CREATE TRIGGER told_when_updated AFTER UPDATE ON auth_user_groups REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry_tell_roles();
CREATE TRIGGER told_when_deleted AFTER DELETE ON auth_user_groups REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry_tell_roles();
CREATE TRIGGER told_when_inserted AFTER INSERT ON auth_group_permissions REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry_tell_permissions('name', 'group_id', 'auth_group');
CREATE TRIGGER told_when_updated AFTER UPDATE ON auth_group_permissions
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry_tell_permissions('name', 'group_id', 'auth_group');
CREATE TRIGGER told_when_deleted AFTER DELETE ON auth_group_permissions REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry_tell_permissions('name', 'group_id', 'auth_group');
CREATE TRIGGER told_when_inserted AFTER INSERT ON auth_user_user_permissions REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry_tell_permissions('username', 'user_id', 'auth_user');
CREATE TRIGGER told_when_updated AFTER UPDATE ON auth_user_user_permissions
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry_tell_permissions('username', 'user_id', 'auth_user');
CREATE TRIGGER told_when_deleted AFTER DELETE ON auth_user_user_permissions REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry_tell_permissions('username', 'user_id', 'auth_user');
