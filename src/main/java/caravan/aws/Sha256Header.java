package caravan.aws;

import caravan.snapshot.Digest;
import java.util.Base64;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/**
 * Sends the SHA-256 that the uploader has found in advance, so that the store compares it with what arrives:
 * metadata {@value #METADATA} (hexadecimal) also becomes the header {@code x-amz-checksum-sha256}. This is how a Camel
 * endpoint, which offers no such option, can send it.
 */
final class Sha256Header implements ExecutionInterceptor {

    /** Name of the user metadata. */
    static final String METADATA = "sha256";

    @Override
    public SdkRequest modifyRequest(Context.ModifyRequest context, ExecutionAttributes attributes) {
        if (context.request() instanceof PutObjectRequest put && put.metadata().containsKey(METADATA)) {
            return put.toBuilder()
                    .checksumSHA256(toBase64(put.metadata().get(METADATA)))
                    .build();
        }
        return context.request();
    }

    private static String toBase64(String hex) {
        return Base64.getEncoder().encodeToString(Digest.fromHex(hex).bytes());
    }
}
