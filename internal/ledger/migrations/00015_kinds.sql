-- +goose Up

-- What a command's kind says beside stands under "with"; an earlier program kept it in
-- fields of the command itself.
-- +goose StatementBegin
DO $$
BEGIN
    IF EXISTS (SELECT FROM inbox) THEN
        RAISE EXCEPTION 'this office''s files were kept by an earlier program, in a form that this one does not go on with: keep the folder, and begin the office in a new one';
    END IF;
END
$$;
-- +goose StatementEnd
