package caravan.aws;

import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.SdkHttpResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/**
 * Takes a success without an ETag for what it is: an answer from something that is not S3 (a proxy's page, a web
 * server), or an error sent with status 200. Nothing was stored then.
 */
final class AnswerCheck implements ExecutionInterceptor {

    /** What such an answer is called in messages. */
    static final String NOT_S3 = "200 without an ETag, which is not an answer of S3";

    @Override
    public void beforeUnmarshalling(Context.BeforeUnmarshalling context, ExecutionAttributes attributes) {
        SdkHttpResponse answer = context.httpResponse();
        if (context.request() instanceof PutObjectRequest
                && answer.isSuccessful()
                && answer.firstMatchingHeader("ETag").isEmpty()) {
            throw SdkClientException.create(NOT_S3);
        }
    }
}
