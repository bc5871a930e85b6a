package heddle.api.policy;

import org.osgi.annotation.versioning.ProviderType;

/** The response on its way to the client. */
@ProviderType
public interface ResponseEdit {
    int status();

    void setStatus(int status);

    String header(String name);

    boolean hasHeader(String name);

    void setHeader(String name, String value);

    void addHeader(String name, String value);

    /** A further field line, not joined with earlier ones: Set-Cookie. */
    void appendHeader(String name, String value);

    void removeHeader(String name);
}
